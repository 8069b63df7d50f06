package main

import (
	"bytes"
	"crypto"
	"flag"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// generateKey makes a key in the way of "apptainer key newpair": SHA-384 in the
// self-signatures, and a passphrase that locks the primary key only.
func generateKey(args []string) error {
	secretPath, publicPath, name, email := args[0], args[1], args[4], args[5]
	passphraseFile, rest := optionalPassphrase(args[6:])
	config, err := keyConfig(args[2], args[3], rest)
	if err != nil {
		return err
	}
	e, err := openpgp.NewEntity(name, "", email, config)
	if err != nil {
		return err
	}
	if passphraseFile != "" {
		passphrase, err := readPassphrase(passphraseFile)
		if err != nil {
			return err
		}
		if err := e.PrivateKey.Encrypt(passphrase); err != nil {
			return err
		}
	}
	if err := writeKey(secretPath, e, serializeSecret); err != nil {
		return err
	}
	if err := writeKey(publicPath, e, serializePublic); err != nil {
		return err
	}
	return answer(keyOf(e))
}

func keyConfig(algorithm, bits string, args []string) (*packet.Config, error) {
	size, err := strconv.Atoi(bits)
	if err != nil {
		return nil, err
	}
	flags := flag.NewFlagSet("genkey", flag.ContinueOnError)
	clock := timeFlag(flags)
	lifetime := flags.Uint("lifetime", 0, "seconds until the key expires; 0 for never")
	if err := parseAll(flags, args); err != nil {
		return nil, err
	}
	config := &packet.Config{
		DefaultHash:     crypto.SHA384,
		RSABits:         size,
		KeyLifetimeSecs: uint32(*lifetime),
	}
	if *clock != 0 {
		config.Time = func() time.Time { return time.Unix(*clock, 0) }
	}
	switch algorithm {
	case "rsa":
		config.Algorithm = packet.PubKeyAlgoRSA
	case "ed25519":
		config.Algorithm = packet.PubKeyAlgoEdDSA
		config.Curve = packet.Curve25519
	default:
		return nil, fmt.Errorf("unknown algorithm %q", algorithm)
	}
	return config, nil
}

func serializeSecret(e *openpgp.Entity, b *bytes.Buffer) error {
	return e.SerializePrivateWithoutSigning(b, nil)
}

func serializePublic(e *openpgp.Entity, b *bytes.Buffer) error {
	return e.Serialize(b)
}

func writeKey(path string, e *openpgp.Entity, serialize func(*openpgp.Entity, *bytes.Buffer) error) error {
	b := &bytes.Buffer{}
	if err := serialize(e, b); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// key is one certificate or secret key as go-crypto sees it.
type key struct {
	keyPart
	UserIDs []string  `json:"user_ids"`
	Subkeys []keyPart `json:"subkeys"`
}

type keyPart struct {
	Fingerprint string `json:"fingerprint"`
	// Algorithm is the number of the packet format.
	Algorithm int   `json:"algorithm"`
	Bits      int   `json:"bits"`
	CreatedAt int64 `json:"created_at"`
	// Secret is "none", "clear", "locked", or "elsewhere" for a stub without key
	// material.
	Secret string `json:"secret"`
}

func keyInfo(args []string) error {
	keys, err := readKeys(args[0])
	if err != nil {
		return err
	}
	infos := []key{}
	for _, e := range keys {
		infos = append(infos, keyOf(e))
	}
	return answer(infos)
}

func keyOf(e *openpgp.Entity) key {
	k := key{keyPart: partOf(e.PrimaryKey, e.PrivateKey), UserIDs: []string{}, Subkeys: []keyPart{}}
	for id := range e.Identities {
		k.UserIDs = append(k.UserIDs, id)
	}
	// The library keeps them in a map, in no order.
	sort.Strings(k.UserIDs)
	for _, s := range e.Subkeys {
		k.Subkeys = append(k.Subkeys, partOf(s.PublicKey, s.PrivateKey))
	}
	return k
}

func partOf(public *packet.PublicKey, secret *packet.PrivateKey) keyPart {
	// A length that go-crypto does not know is told as 0.
	bits, _ := public.BitLength()
	return keyPart{
		Fingerprint: fingerprint(public),
		Algorithm:   int(public.PubKeyAlgo),
		Bits:        int(bits),
		CreatedAt:   public.CreationTime.Unix(),
		Secret:      secretState(secret),
	}
}

func secretState(secret *packet.PrivateKey) string {
	switch {
	case secret == nil:
		return "none"
	case secret.Dummy():
		return "elsewhere"
	case secret.Encrypted:
		return "locked"
	default:
		return "clear"
	}
}

// ring is what Apptainer would make of a key ring of its own.
type ring struct {
	Readable bool     `json:"readable"`
	Error    string   `json:"error"`
	Keys     []string `json:"keys"`
}

func ringCheck(args []string) error {
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	r := ring{Keys: []string{}}
	keys, err := openpgp.ReadKeyRing(f)
	if err != nil {
		r.Error = err.Error()
	}
	r.Readable = err == nil
	for _, e := range keys {
		r.Keys = append(r.Keys, fingerprint(e.PrimaryKey))
	}
	return answer(r)
}
