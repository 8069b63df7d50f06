package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/apptainer/sif/v2/pkg/sif"
)

// withImage opens an image, hands it to fn and closes it again.
func withImage(path string, flag int, fn func(*sif.FileImage) error) (err error) {
	f, err := sif.LoadContainerFromPath(path, sif.OptLoadWithFlag(flag))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.UnloadContainer()) }()
	return fn(f)
}

func create(args []string) error {
	spec, err := readSpec(args[1])
	if err != nil {
		return err
	}
	inputs, err := spec.inputs()
	if err != nil {
		return err
	}
	f, err := sif.CreateContainerAtPath(args[0], createOptions(spec, inputs)...)
	if err != nil {
		return err
	}
	return f.UnloadContainer()
}

func createOptions(spec imageSpec, inputs []sif.DescriptorInput) []sif.CreateOpt {
	opts := []sif.CreateOpt{
		sif.OptCreateWithLaunchScript(spec.LaunchScript),
		sif.OptCreateWithDescriptors(inputs...),
	}
	if spec.Capacity != nil {
		opts = append(opts, sif.OptCreateWithDescriptorCapacity(*spec.Capacity))
	}
	// Options are applied in order: an ID or a time that is given as well holds.
	if spec.Deterministic {
		opts = append(opts, sif.OptCreateDeterministic())
	}
	if spec.ID != "" {
		opts = append(opts, sif.OptCreateWithID(spec.ID))
	}
	if spec.Time != nil {
		opts = append(opts, sif.OptCreateWithTime(time.Unix(*spec.Time, 0)))
	}
	return opts
}

func add(args []string) error {
	spec, err := readSpec(args[1])
	if err != nil {
		return err
	}
	inputs, err := spec.inputs()
	if err != nil {
		return err
	}
	var opts []sif.AddOpt
	if spec.Deterministic {
		opts = append(opts, sif.OptAddDeterministic())
	}
	if spec.Time != nil {
		opts = append(opts, sif.OptAddWithTime(time.Unix(*spec.Time, 0)))
	}
	return withImage(args[0], os.O_RDWR, func(f *sif.FileImage) error {
		for _, input := range inputs {
			if err := f.AddObject(input, opts...); err != nil {
				return err
			}
		}
		return nil
	})
}

func deleteObject(args []string) error {
	id, err := objectID(args[1])
	if err != nil {
		return err
	}
	var opts []sif.DeleteOpt
	for _, word := range args[2:] {
		switch word {
		case "zero":
			opts = append(opts, sif.OptDeleteZero(true))
		case "compact":
			opts = append(opts, sif.OptDeleteCompact(true))
		case "deterministic":
			opts = append(opts, sif.OptDeleteDeterministic())
		default:
			return fmt.Errorf("unknown word %q", word)
		}
	}
	return withImage(args[0], os.O_RDWR, func(f *sif.FileImage) error {
		return f.DeleteObject(id, opts...)
	})
}

func setPrimary(args []string) error {
	id, err := objectID(args[1])
	if err != nil {
		return err
	}
	var opts []sif.SetOpt
	for _, word := range args[2:] {
		if word != "deterministic" {
			return fmt.Errorf("unknown word %q", word)
		}
		opts = append(opts, sif.OptSetDeterministic())
	}
	return withImage(args[0], os.O_RDWR, func(f *sif.FileImage) error {
		return f.SetPrimPart(id, opts...)
	})
}

func objectID(text string) (uint32, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	return uint32(id), err
}
