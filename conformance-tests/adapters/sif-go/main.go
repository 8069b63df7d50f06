// Command adapter lets the conformance suite ask the Go library
// github.com/apptainer/sif (docs/adapter-protocol.md). It is built twice, against
// the newest version of the library and against an older one.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/apptainer/sif/v2/pkg/integrity"
	"github.com/apptainer/sif/v2/pkg/sif"
)

// Exit statuses of the protocol.
const (
	done              = 0
	refused           = 3
	optionUnsupported = 37
	unreadable        = 41
	callUnsupported   = 69
)

// failure is an error with the exit status that it means.
type failure struct {
	status int
	cause  error
}

func (f failure) Error() string { return f.cause.Error() }

func main() {
	err := run(os.Args[1:])
	if err == nil {
		os.Exit(done)
	}
	fmt.Fprintln(os.Stderr, err)
	var f failure
	if errors.As(err, &f) {
		os.Exit(f.status)
	}
	os.Exit(1)
}

func run(args []string) error {
	if len(args) == 0 {
		return failure{callUnsupported, errors.New("no call")}
	}
	switch call, args := args[0], args[1:]; {
	case call == "info" && len(args) == 0:
		return info()
	case call == "import-key" && len(args) == 2:
		return importKey(args[0])
	case call == "sign" && len(args) == 4:
		return sign(args[0], args[1], args[2], args[3])
	case call == "verify" && len(args) == 3:
		return verify(args[0], args[1], args[2])
	case call == "sign" || call == "verify":
		return failure{optionUnsupported, errors.New("options are not supported")}
	default:
		return failure{callUnsupported, fmt.Errorf("%s is not supported", call)}
	}
}

func info() error {
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"name":    os.Getenv("ADAPTER"),
		"version": version(),
		"features": []string{
			"key.ed25519", "key.p256", "key.rsa",
			"sign.default", "sign.group", "sign.locked", "sign.object", "sign.objects",
			"verify.default", "verify.group", "verify.object", "verify.legacy",
			"verify.legacy-all", "verify.legacy-group", "verify.legacy-object",
		},
	})
}

// version is that of the library: as it was built in, or as the build says.
func version() string {
	if said := os.Getenv("ADAPTER_VERSION"); said != "" {
		return said
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, module := range build.Deps {
		if module.Path == "github.com/apptainer/sif/v2" {
			return module.Version
		}
	}
	return "unknown"
}

// The library has no key store: files in the scratch folder stand in for one.
func ring(part string) string {
	return filepath.Join(os.Getenv("SIFSEAL_SCRATCH"), part)
}

func importKey(file string) error {
	keys, err := readKeys(file)
	if err != nil {
		return failure{unreadable, err}
	}
	armored, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, key := range keys {
		part := "public"
		if key.PrivateKey != nil {
			part = "secret"
		}
		if err := os.MkdirAll(ring(part), 0o700); err != nil {
			return err
		}
		path := filepath.Join(ring(part), fingerprint(key))
		if err := os.WriteFile(path, armored, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func readKeys(file string) (openpgp.EntityList, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return openpgp.ReadArmoredKeyRing(f)
}

func fingerprint(key *openpgp.Entity) string {
	return fmt.Sprintf("%X", key.PrimaryKey.Fingerprint)
}

func sign(image, signer, selection, passphraseFile string) error {
	opts, err := signOptions(selection)
	if err != nil {
		return err
	}
	keys, err := readKeys(filepath.Join(ring("secret"), signer))
	if err != nil {
		return failure{refused, err}
	}
	key := keys[0]
	if key.PrivateKey.Encrypted {
		passphrase, err := os.ReadFile(passphraseFile)
		if err != nil {
			return failure{refused, err}
		}
		line, _, _ := strings.Cut(string(passphrase), "\n")
		if err := key.PrivateKey.Decrypt([]byte(line)); err != nil {
			return failure{refused, err}
		}
	}
	opts = append(opts, integrity.OptSignWithEntity(key))
	return withImage(image, os.O_RDWR, func(f *sif.FileImage) error {
		s, err := integrity.NewSigner(f, opts...)
		if err != nil {
			return failure{refused, err}
		}
		if err := s.Sign(); err != nil {
			return failure{refused, err}
		}
		return nil
	})
}

func signOptions(selection string) ([]integrity.SignerOpt, error) {
	kind, ids, err := parse(selection)
	switch {
	case err != nil:
		return nil, err
	case kind == "default":
		return nil, nil
	case kind == "group":
		return []integrity.SignerOpt{integrity.OptSignGroup(ids[0])}, nil
	case kind == "object":
		return []integrity.SignerOpt{integrity.OptSignObjects(ids...)}, nil
	}
	return nil, failure{optionUnsupported, fmt.Errorf("%s is not signed", selection)}
}

// report is what the protocol lets a verification tell.
type report struct {
	Accepted bool     `json:"accepted"`
	Reasons  []string `json:"reasons"`
	Signers  []string `json:"signers"`
}

func verify(image, selection, file string) error {
	opts, err := verifyOptions(selection)
	if err != nil {
		return err
	}
	keys, err := known()
	if err != nil {
		return err
	}
	r := report{Reasons: []string{}, Signers: []string{}}
	opts = append(opts, integrity.OptVerifyWithKeyRing(keys),
		integrity.OptVerifyCallback(func(result integrity.VerifyResult) bool {
			if key := result.Entity(); key != nil && result.Error() == nil {
				r.Signers = append(r.Signers, fingerprint(key))
			}
			return false
		}))
	return withImage(image, os.O_RDONLY, func(f *sif.FileImage) error {
		err := judge(f, selection, opts)
		r.Accepted = err == nil
		if err != nil {
			r.Reasons = append(r.Reasons, reasons(err)...)
		}
		text, jsonErr := json.Marshal(r)
		if jsonErr != nil {
			return jsonErr
		}
		if writeErr := os.WriteFile(file, text, 0o600); writeErr != nil {
			return writeErr
		}
		if err != nil {
			return failure{refused, err}
		}
		return nil
	})
}

// known is every certificate that was imported; never nil, which the library
// takes for a mistake of its caller.
func known() (openpgp.EntityList, error) {
	all := openpgp.EntityList{}
	files, err := filepath.Glob(filepath.Join(ring("public"), "*"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		keys, err := readKeys(file)
		if err != nil {
			return nil, err
		}
		all = append(all, keys...)
	}
	return all, nil
}

// judge asks the library; for legacy signatures without more words about the
// primary system partition, as Apptainer does.
func judge(f *sif.FileImage, selection string, opts []integrity.VerifierOpt) error {
	if selection == "legacy" {
		od, err := f.GetDescriptor(sif.WithPartitionType(sif.PartPrimSys))
		if err != nil {
			return err
		}
		opts = append(opts, integrity.OptVerifyObject(od.ID()))
	}
	v, err := integrity.NewVerifier(f, opts...)
	if err != nil {
		return err
	}
	return v.Verify()
}

// reasons gives the names of those reasons that the library tells apart. "Unknown
// entity" is not among them: it says so of every key that it would not use, too.
func reasons(err error) []string {
	var (
		noSignature *integrity.SignatureNotFoundError
		descriptor  *integrity.DescriptorIntegrityError
		object      *integrity.ObjectIntegrityError
	)
	switch {
	case errors.As(err, &noSignature):
		return []string{"no-signature"}
	case errors.As(err, &descriptor):
		return []string{"descriptor-changed"}
	case errors.As(err, &object):
		return []string{"data-changed", "group-data-changed"}
	}
	for text, name := range map[string]string{
		"header integrity compromised": "header-changed",
		"object not signed":            "object-not-signed",
		"signed object not found":      "signed-object-missing",
		"key expired":                  "key-expired",
		"revoked key":                  "key-revoked",
	} {
		if strings.Contains(err.Error(), text) {
			return []string{name}
		}
	}
	return nil
}

func verifyOptions(selection string) ([]integrity.VerifierOpt, error) {
	kind, ids, err := parse(selection)
	if err != nil {
		return nil, err
	}
	legacy := integrity.OptVerifyLegacy()
	switch kind {
	case "default":
		return nil, nil
	case "group":
		return []integrity.VerifierOpt{integrity.OptVerifyGroup(ids[0])}, nil
	case "object":
		if len(ids) == 1 {
			return []integrity.VerifierOpt{integrity.OptVerifyObject(ids[0])}, nil
		}
	case "legacy":
		return []integrity.VerifierOpt{legacy}, nil
	case "legacy-all":
		return []integrity.VerifierOpt{integrity.OptVerifyLegacyAll()}, nil
	case "legacy-group":
		return []integrity.VerifierOpt{legacy, integrity.OptVerifyGroup(ids[0])}, nil
	case "legacy-object":
		return []integrity.VerifierOpt{legacy, integrity.OptVerifyObject(ids[0])}, nil
	}
	return nil, failure{optionUnsupported, fmt.Errorf("%s is not verified", selection)}
}

// parse splits a selection into its kind and numbers.
func parse(selection string) (string, []uint32, error) {
	kind, numbers, found := strings.Cut(selection, ":")
	if !found {
		return kind, nil, nil
	}
	var ids []uint32
	for _, number := range strings.Split(numbers, ",") {
		var id uint32
		if _, err := fmt.Sscanf(number, "%d", &id); err != nil {
			return "", nil, failure{optionUnsupported, err}
		}
		ids = append(ids, id)
	}
	return kind, ids, nil
}

// withImage opens an image, hands it to fn and closes it again.
func withImage(path string, flag int, fn func(*sif.FileImage) error) error {
	f, err := sif.LoadContainerFromPath(path, sif.OptLoadWithFlag(flag))
	if err != nil {
		return failure{unreadable, err}
	}
	if err := fn(f); err != nil {
		_ = f.UnloadContainer()
		return err
	}
	return f.UnloadContainer()
}
