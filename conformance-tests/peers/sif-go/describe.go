package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/apptainer/sif/v2/pkg/sif"
)

// imageDescription is all that the library makes public of an image. Times are
// seconds since 1970, digests SHA-256 in lower-case hex.
type imageDescription struct {
	LaunchScript      string              `json:"launch_script"`
	Version           string              `json:"version"`
	PrimaryArch       string              `json:"primary_arch"`
	ID                string              `json:"id"`
	CreatedAt         int64               `json:"created_at"`
	ModifiedAt        int64               `json:"modified_at"`
	DescriptorsFree   int64               `json:"descriptors_free"`
	DescriptorsTotal  int64               `json:"descriptors_total"`
	DescriptorsOffset int64               `json:"descriptors_offset"`
	DescriptorsSize   int64               `json:"descriptors_size"`
	DataOffset        int64               `json:"data_offset"`
	DataSize          int64               `json:"data_size"`
	IntegrityDigest   string              `json:"integrity_digest"`
	Objects           []objectDescription `json:"objects"`
}

type objectDescription struct {
	ID         uint32 `json:"id"`
	DataType   int32  `json:"data_type"`
	TypeName   string `json:"type_name"`
	Group      uint32 `json:"group"` // 0 for none
	Link       uint32 `json:"link"`  // 0 for none
	LinkGroup  bool   `json:"link_is_group"`
	Offset     int64  `json:"offset"`
	Size       int64  `json:"size"`
	CreatedAt  int64  `json:"created_at"`
	ModifiedAt int64  `json:"modified_at"`
	Name       string `json:"name"`
	// Extra is what the library says of the type's own fields, as its texts;
	// ExtraError why it could not.
	Extra           map[string]string `json:"extra"`
	ExtraError      string            `json:"extra_error"`
	Digest          string            `json:"digest"`
	IntegrityDigest string            `json:"integrity_digest"`
}

func describe(args []string) error {
	return withImage(args[0], os.O_RDONLY, func(f *sif.FileImage) error {
		d, err := describeImage(f)
		if err != nil {
			return err
		}
		return answer(d)
	})
}

func describeImage(f *sif.FileImage) (imageDescription, error) {
	d := imageDescription{
		LaunchScript:      f.LaunchScript(),
		Version:           f.Version(),
		PrimaryArch:       f.PrimaryArch(),
		ID:                f.ID(),
		CreatedAt:         f.CreatedAt().Unix(),
		ModifiedAt:        f.ModifiedAt().Unix(),
		DescriptorsFree:   f.DescriptorsFree(),
		DescriptorsTotal:  f.DescriptorsTotal(),
		DescriptorsOffset: f.DescriptorsOffset(),
		DescriptorsSize:   f.DescriptorsSize(),
		DataOffset:        f.DataOffset(),
		DataSize:          f.DataSize(),
		Objects:           []objectDescription{},
	}
	var err error
	if d.IntegrityDigest, err = digest(f.GetHeaderIntegrityReader()); err != nil {
		return d, err
	}
	f.WithDescriptors(func(od sif.Descriptor) bool {
		var o objectDescription
		o, err = describeObject(od)
		d.Objects = append(d.Objects, o)
		return err != nil
	})
	return d, err
}

func describeObject(od sif.Descriptor) (objectDescription, error) {
	link, isGroup := od.LinkedID()
	o := objectDescription{
		ID:         od.ID(),
		DataType:   int32(od.DataType()),
		TypeName:   od.DataType().String(),
		Group:      od.GroupID(),
		Link:       link,
		LinkGroup:  isGroup,
		Offset:     od.Offset(),
		Size:       od.Size(),
		CreatedAt:  od.CreatedAt().Unix(),
		ModifiedAt: od.ModifiedAt().Unix(),
		Name:       od.Name(),
		Extra:      map[string]string{},
	}
	if err := describeExtra(od, o.Extra); err != nil {
		o.ExtraError = err.Error()
	}
	var err error
	if o.Digest, err = digest(od.GetReader()); err != nil {
		return o, err
	}
	o.IntegrityDigest, err = digest(od.GetIntegrityReader())
	return o, err
}

func describeExtra(od sif.Descriptor, extra map[string]string) error {
	switch od.DataType() {
	case sif.DataPartition:
		fs, pt, arch, err := od.PartitionMetadata()
		extra["fs"], extra["partition"], extra["arch"] = fs.String(), pt.String(), arch
		return err
	case sif.DataSignature:
		h, fp, err := od.SignatureMetadata()
		if err == nil {
			extra["hash"], extra["fingerprint"] = h.String(), fmt.Sprintf("%X", fp)
		}
		return err
	case sif.DataCryptoMessage:
		ft, mt, err := od.CryptoMessageMetadata()
		extra["format"], extra["message"] = ft.String(), mt.String()
		return err
	case sif.DataSBOM:
		sf, err := od.SBOMMetadata()
		extra["format"] = sf.String()
		return err
	case sif.DataOCIRootIndex, sif.DataOCIBlob:
		h, err := od.OCIBlobDigest()
		extra["digest"] = h.String()
		return err
	}
	return nil
}

func digest(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
