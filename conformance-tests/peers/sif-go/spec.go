package main

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/apptainer/sif/v2/pkg/sif"
)

// imageSpec says what to create or to add. Kinds are given by the numbers that
// the format itself stores, so that a test needs no second table of names and
// can also ask for numbers that do not exist.
type imageSpec struct {
	Deterministic bool         `json:"deterministic"`
	ID            string       `json:"id"`
	Time          *int64       `json:"time"`
	LaunchScript  string       `json:"launch_script"`
	Capacity      *int64       `json:"capacity"`
	Objects       []objectSpec `json:"objects"`
}

// objectSpec is one object; what is not given is left to the library.
type objectSpec struct {
	DataType  int32  `json:"data_type"`
	Group     *int64 `json:"group"` // 0 for none
	Link      uint32 `json:"link"`
	LinkGroup uint32 `json:"link_group"`
	Name      string `json:"name"`
	File      string `json:"file"`
	Alignment *int   `json:"alignment"`
	Time      *int64 `json:"time"`

	Partition     *partitionSpec     `json:"partition"`
	Signature     *signatureSpec     `json:"signature"`
	CryptoMessage *cryptoMessageSpec `json:"crypto_message"`
	SBOM          *int32             `json:"sbom"`
	// Raw is put into the type's own fields as it stands, in hex.
	Raw *string `json:"raw"`
}

// rawMetadata is metadata of no known form.
type rawMetadata []byte

func (m rawMetadata) MarshalBinary() ([]byte, error) { return m, nil }

type partitionSpec struct {
	FS   int32  `json:"fs"`
	Type int32  `json:"type"`
	Arch string `json:"arch"`
}

type signatureSpec struct {
	Hash        string `json:"hash"`
	Fingerprint string `json:"fingerprint"`
}

type cryptoMessageSpec struct {
	Format  int32 `json:"format"`
	Message int32 `json:"message"`
}

func readSpec(path string) (imageSpec, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return imageSpec{}, err
	}
	// A misspelt field would silently test something else.
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var spec imageSpec
	if err := d.Decode(&spec); err != nil {
		return imageSpec{}, fmt.Errorf("%s: %w", path, err)
	}
	return spec, nil
}

func (spec imageSpec) inputs() ([]sif.DescriptorInput, error) {
	var inputs []sif.DescriptorInput
	for _, o := range spec.Objects {
		input, err := o.input()
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, input)
	}
	return inputs, nil
}

func (o objectSpec) input() (sif.DescriptorInput, error) {
	data, err := os.ReadFile(o.File)
	if err != nil {
		return sif.DescriptorInput{}, err
	}
	opts := o.placeOptions()
	extra, err := o.extraOptions()
	if err != nil {
		return sif.DescriptorInput{}, err
	}
	return sif.NewDescriptorInput(sif.DataType(o.DataType), bytes.NewReader(data), append(opts, extra...)...)
}

func (o objectSpec) placeOptions() []sif.DescriptorInputOpt {
	opts := []sif.DescriptorInputOpt{sif.OptObjectName(o.Name)}
	if o.Group != nil {
		opts = append(opts, groupOption(*o.Group))
	}
	if o.Link != 0 {
		opts = append(opts, sif.OptLinkedID(o.Link))
	}
	if o.LinkGroup != 0 {
		opts = append(opts, sif.OptLinkedGroupID(o.LinkGroup))
	}
	if o.Alignment != nil {
		opts = append(opts, sif.OptObjectAlignment(*o.Alignment))
	}
	if o.Time != nil {
		opts = append(opts, sif.OptObjectTime(time.Unix(*o.Time, 0)))
	}
	return opts
}

func groupOption(group int64) sif.DescriptorInputOpt {
	if group == 0 {
		return sif.OptNoGroup()
	}
	return sif.OptGroupID(uint32(group))
}

func (o objectSpec) extraOptions() ([]sif.DescriptorInputOpt, error) {
	var opts []sif.DescriptorInputOpt
	if p := o.Partition; p != nil {
		opts = append(opts, sif.OptPartitionMetadata(sif.FSType(p.FS), sif.PartType(p.Type), p.Arch))
	}
	if s := o.Signature; s != nil {
		h, err := hashByName(s.Hash)
		if err != nil {
			return nil, err
		}
		fp, err := hex.DecodeString(s.Fingerprint)
		if err != nil {
			return nil, err
		}
		opts = append(opts, sif.OptSignatureMetadata(h, fp))
	}
	if m := o.CryptoMessage; m != nil {
		opts = append(opts, sif.OptCryptoMessageMetadata(sif.FormatType(m.Format), sif.MessageType(m.Message)))
	}
	if o.SBOM != nil {
		opts = append(opts, sif.OptSBOMMetadata(sif.SBOMFormat(*o.SBOM)))
	}
	if o.Raw != nil {
		b, err := hex.DecodeString(*o.Raw)
		if err != nil {
			return nil, err
		}
		opts = append(opts, sif.OptMetadata(rawMetadata(b)))
	}
	return opts, nil
}

// hashByName finds a hash by the name that Go gives it, such as SHA-256.
func hashByName(name string) (crypto.Hash, error) {
	for h := crypto.MD4; h <= crypto.BLAKE2b_512; h++ {
		if h.String() == name {
			return h, nil
		}
	}
	return 0, fmt.Errorf("unknown hash %q", name)
}
