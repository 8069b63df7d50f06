package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// readKeys reads a file of keys, binary or armored. Binary is tried first, as
// Apptainer does.
func readKeys(path string) (openpgp.EntityList, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys, err := openpgp.ReadKeyRing(bytes.NewReader(b))
	if err == nil {
		return keys, nil
	}
	armored, armorErr := openpgp.ReadArmoredKeyRing(bytes.NewReader(b))
	if armorErr == nil {
		return armored, nil
	}
	return nil, fmt.Errorf("%s: %w", path, errors.Join(err, armorErr))
}

func readKeyrings(paths []string) (openpgp.EntityList, error) {
	// Not nil: the library takes a ring without keys for a ring, and no ring
	// for a mistake of its caller.
	keys := openpgp.EntityList{}
	for _, path := range paths {
		more, err := readKeys(path)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

// readSecretKey reads the one secret key of a file and unlocks its primary key,
// the only part with which the library signs.
func readSecretKey(path, passphraseFile string) (*openpgp.Entity, error) {
	keys, err := readKeys(path)
	if err != nil {
		return nil, err
	}
	if len(keys) != 1 {
		return nil, fmt.Errorf("%s: %d keys, want 1", path, len(keys))
	}
	e := keys[0]
	if e.PrivateKey == nil {
		return nil, fmt.Errorf("%s: no secret key", path)
	}
	if !e.PrivateKey.Encrypted {
		return e, nil
	}
	passphrase, err := readPassphrase(passphraseFile)
	if err != nil {
		return nil, err
	}
	return e, e.PrivateKey.Decrypt(passphrase)
}

// optionalPassphrase splits off a leading PASSPHRASE-FILE; "-" stands for none.
func optionalPassphrase(args []string) (file string, rest []string) {
	switch {
	case len(args) == 0 || strings.HasPrefix(args[0], "--"):
		return "", args
	case args[0] == "-":
		return "", args[1:]
	default:
		return args[0], args[1:]
	}
}

// readPassphrase gives the first line of a file.
func readPassphrase(path string) ([]byte, error) {
	if path == "" {
		return nil, errors.New("the key is locked and no passphrase was given")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line, nil
}

func fingerprint(key *packet.PublicKey) string {
	return fmt.Sprintf("%X", key.Fingerprint)
}
