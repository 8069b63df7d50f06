package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/apptainer/sif/v2/pkg/integrity"
	"github.com/apptainer/sif/v2/pkg/sif"
)

// verdict is what the library says of an image. Signatures are listed as it
// comes to them; it stops at the first one that is bad.
type verdict struct {
	Verified   bool              `json:"verified"`
	Error      string            `json:"error"`
	Signatures []signatureResult `json:"signatures"`
}

type signatureResult struct {
	Object uint32 `json:"object"`
	// Signer is the fingerprint of the key, empty if it was not found.
	Signer  string   `json:"signer"`
	Objects []uint32 `json:"objects"`
	Error   string   `json:"error"`
}

func verify(args []string) error {
	image := args[0]
	keyrings, opts, err := verifyMode(args[1:])
	if err != nil {
		return err
	}
	keys, err := readKeyrings(keyrings)
	if err != nil {
		return err
	}
	v := verdict{Signatures: []signatureResult{}}
	opts = append(opts,
		integrity.OptVerifyWithKeyRing(keys),
		integrity.OptVerifyCallback(func(r integrity.VerifyResult) bool {
			v.Signatures = append(v.Signatures, resultOf(r))
			return false
		}),
	)
	return withImage(image, os.O_RDONLY, func(f *sif.FileImage) error {
		if err := judge(f, opts); err != nil {
			v.Error = err.Error()
		}
		v.Verified = v.Error == ""
		return answer(v)
	})
}

func judge(f *sif.FileImage, opts []integrity.VerifierOpt) error {
	v, err := integrity.NewVerifier(f, opts...)
	if err != nil {
		return err
	}
	return v.Verify()
}

func resultOf(r integrity.VerifyResult) signatureResult {
	result := signatureResult{Object: r.Signature().ID(), Objects: []uint32{}}
	if e := r.Entity(); e != nil {
		result.Signer = fingerprint(e.PrimaryKey)
	}
	for _, od := range r.Verified() {
		result.Objects = append(result.Objects, od.ID())
	}
	if err := r.Error(); err != nil {
		result.Error = err.Error()
	}
	return result
}

// verifyMode takes the mode from the end of the arguments; before it stand the
// key rings.
func verifyMode(args []string) ([]string, []integrity.VerifierOpt, error) {
	last := len(args) - 1
	switch args[last] {
	case "default":
		return args[:last], nil, nil
	case "legacy":
		return args[:last], []integrity.VerifierOpt{integrity.OptVerifyLegacy()}, nil
	case "legacy-all":
		return args[:last], []integrity.VerifierOpt{integrity.OptVerifyLegacyAll()}, nil
	}
	if last == 0 {
		return nil, nil, fmt.Errorf("unknown mode %q", args[last])
	}
	id, err := objectID(args[last])
	if err != nil {
		return nil, nil, errors.New("the mode must come last")
	}
	opts, err := verifyModeOf(args[last-1], id)
	return args[:last-1], opts, err
}

func verifyModeOf(mode string, id uint32) ([]integrity.VerifierOpt, error) {
	switch mode {
	case "group":
		return []integrity.VerifierOpt{integrity.OptVerifyGroup(id)}, nil
	case "object":
		return []integrity.VerifierOpt{integrity.OptVerifyObject(id)}, nil
	case "legacy-group":
		return []integrity.VerifierOpt{integrity.OptVerifyLegacy(), integrity.OptVerifyGroup(id)}, nil
	case "legacy-object":
		return []integrity.VerifierOpt{integrity.OptVerifyLegacy(), integrity.OptVerifyObject(id)}, nil
	}
	return nil, fmt.Errorf("unknown mode %q", mode)
}
