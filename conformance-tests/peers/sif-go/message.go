package main

import (
	"bytes"
	"crypto"
	"errors"
	"flag"
	"io"
	"os"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

func clearSign(args []string) error {
	hash, err := hashByName(args[1])
	if err != nil {
		return err
	}
	passphraseFile, rest := optionalPassphrase(args[2:])
	flags := flag.NewFlagSet("clearsign", flag.ContinueOnError)
	clock := timeFlag(flags)
	if err := parseAll(flags, rest); err != nil {
		return err
	}
	e, err := readSecretKey(args[0], passphraseFile)
	if err != nil {
		return err
	}
	config := &packet.Config{DefaultHash: hash}
	if *clock != 0 {
		config.Time = func() time.Time { return time.Unix(*clock, 0) }
	}
	return writeClearSigned(os.Stdout, os.Stdin, e, config)
}

func writeClearSigned(w io.Writer, r io.Reader, e *openpgp.Entity, config *packet.Config) error {
	plaintext, err := clearsign.Encode(w, e.PrivateKey, config)
	if err != nil {
		return err
	}
	_, err = io.Copy(plaintext, r)
	return errors.Join(err, plaintext.Close())
}

// messageVerdict is what go-crypto says of a cleartext message, asked in the way
// in which the SIF library asks it.
type messageVerdict struct {
	Verified bool   `json:"verified"`
	Error    string `json:"error"`
	Signer   string `json:"signer"`
	Text     string `json:"text"`
	// Rest is what follows the message, which the library ignores.
	Rest string `json:"rest"`
}

func clearVerify(args []string) error {
	keys, err := readKeyrings(args)
	if err != nil {
		return err
	}
	message, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	return answer(judgeMessage(keys, message))
}

func judgeMessage(keys openpgp.EntityList, message []byte) messageVerdict {
	block, rest := clearsign.Decode(message)
	if block == nil {
		return messageVerdict{Error: "clearsigned message not found", Rest: string(rest)}
	}
	v := messageVerdict{Text: string(block.Plaintext), Rest: string(rest)}
	// The hashes that the SIF library accepts.
	hashes := []crypto.Hash{crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512}
	signer, err := openpgp.CheckDetachedSignatureAndHash(
		keys, bytes.NewReader(block.Bytes), block.ArmoredSignature.Body, hashes, nil)
	if signer != nil {
		v.Signer = fingerprint(signer.PrimaryKey)
	}
	if err != nil {
		v.Error = err.Error()
	}
	v.Verified = err == nil
	return v
}
