// Command old-go makes OpenPGP keys and signatures with golang.org/x/crypto/openpgp,
// as old versions of Singularity did, so that tests can read what old images and old
// key rings hold.
//
// Before each integer of an RSA signature that package writes eight times the number
// of octets where the number of bits belongs.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/crypto/openpgp"
	"golang.org/x/crypto/openpgp/armor"
	"golang.org/x/crypto/openpgp/clearsign"
	"golang.org/x/crypto/openpgp/packet"
)

const usage = "usage: old-go MADE SIGNED BITS MESSAGES < TEXT  (times in seconds since 1970)"

// answer is a fresh key and messages by it, dated a second apart.
type answer struct {
	Certificate string   `json:"certificate"`
	Secret      string   `json:"secret"`
	Messages    []string `json:"messages"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("%s", usage)
	}
	var numbers [4]int64
	for i, arg := range args {
		number, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return err
		}
		numbers[i] = number
	}
	made, signed, bits, messages := numbers[0], numbers[1], numbers[2], numbers[3]
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}

	config := &packet.Config{RSABits: int(bits), Time: at(made)}
	entity, err := openpgp.NewEntity("Old", "", "old@example.com", config)
	if err != nil {
		return err
	}
	var result answer
	// Signs the user ID and the subkey on the way.
	result.Secret, err = armored(openpgp.PrivateKeyType, func(w io.Writer) error {
		return entity.SerializePrivate(w, config)
	})
	if err != nil {
		return err
	}
	result.Certificate, err = armored(openpgp.PublicKeyType, entity.Serialize)
	if err != nil {
		return err
	}
	for i := range messages {
		message, err := sign(entity, signed+i, text)
		if err != nil {
			return err
		}
		result.Messages = append(result.Messages, message)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func at(seconds int64) func() time.Time {
	return func() time.Time { return time.Unix(seconds, 0) }
}

func armored(label string, write func(io.Writer) error) (string, error) {
	b := &bytes.Buffer{}
	w, err := armor.Encode(b, label, nil)
	if err != nil {
		return "", err
	}
	if err := write(w); err != nil {
		return "", err
	}
	err = w.Close()
	return b.String(), err
}

func sign(entity *openpgp.Entity, when int64, text []byte) (string, error) {
	b := &bytes.Buffer{}
	w, err := clearsign.Encode(b, entity.PrivateKey, &packet.Config{Time: at(when)})
	if err != nil {
		return "", err
	}
	if _, err := w.Write(text); err != nil {
		return "", err
	}
	err = w.Close()
	return b.String(), err
}
