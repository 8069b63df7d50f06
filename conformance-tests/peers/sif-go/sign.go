package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/apptainer/sif/v2/pkg/integrity"
	"github.com/apptainer/sif/v2/pkg/sif"
)

func sign(args []string) error {
	image, keyFile := args[0], args[1]
	passphraseFile, rest := optionalPassphrase(args[2:])
	opts, err := signOptions(rest)
	if err != nil {
		return err
	}
	entity, err := readSecretKey(keyFile, passphraseFile)
	if err != nil {
		return err
	}
	opts = append(opts, integrity.OptSignWithEntity(entity))
	return withImage(image, os.O_RDWR, func(f *sif.FileImage) error {
		s, err := integrity.NewSigner(f, opts...)
		if err != nil {
			return err
		}
		return s.Sign()
	})
}

// signOptions reads the flags of sign. Each --group and each --object asks for
// signatures of its own; an --object with several numbers for one over them all.
func signOptions(args []string) ([]integrity.SignerOpt, error) {
	var opts []integrity.SignerOpt
	flags := flag.NewFlagSet("sign", flag.ContinueOnError)
	flags.Func("group", "sign this group", func(text string) error {
		id, err := objectID(text)
		opts = append(opts, integrity.OptSignGroup(id))
		return err
	})
	flags.Func("object", "sign these objects", func(text string) error {
		ids, err := objectIDs(text)
		opts = append(opts, integrity.OptSignObjects(ids...))
		return err
	})
	flags.BoolFunc("deterministic", "set no times in the image", func(string) error {
		opts = append(opts, integrity.OptSignDeterministic())
		return nil
	})
	flags.BoolFunc("no-salt", "put no random notation into the signature", func(string) error {
		opts = append(opts, integrity.OptSignWithoutPGPSignatureSalt())
		return nil
	})
	clock := timeFlag(flags)
	if err := parseAll(flags, args); err != nil {
		return nil, err
	}
	if *clock != 0 {
		opts = append(opts, integrity.OptSignWithTime(func() time.Time { return time.Unix(*clock, 0) }))
	}
	return opts, nil
}

func objectIDs(text string) ([]uint32, error) {
	var ids []uint32
	for part := range strings.SplitSeq(text, ",") {
		id, err := objectID(part)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// timeFlag adds --time, which stands in for the clock; 0 is the real time.
func timeFlag(flags *flag.FlagSet) *int64 {
	return flags.Int64("time", 0, "seconds since 1970")
}

func parseAll(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}
