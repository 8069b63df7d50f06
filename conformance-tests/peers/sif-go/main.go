// Command sif-go answers questions about SIF images with the Go library
// github.com/apptainer/sif, on which Apptainer rests, so that tests can compare
// another implementation with it.
//
// It holds no knowledge of its own: each verb is one call of the library, and
// what the library says is printed unchanged. Verbs and their arguments are
// listed by running it without any.
//
// Exit status 0 means that the question was answered, also with "not verified";
// 1 that it could not be, with the reason on standard error.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// verb is one question that can be asked.
type verb struct {
	name  string
	usage string
	// least is the number of arguments without which the verb makes no sense.
	least int
	run   func(args []string) error
}

func verbs() []verb {
	return []verb{
		{"create", "OUT SPEC.json", 2, create},
		{"add", "IMAGE SPEC.json", 2, add},
		{"delete", "IMAGE ID [zero] [compact] [deterministic]", 2, deleteObject},
		{"setprim", "IMAGE ID [deterministic]", 2, setPrimary},
		{"describe", "IMAGE", 1, describe},
		{"list", "IMAGE", 1, list},
		{"header", "IMAGE", 1, header},
		{"info", "IMAGE ID", 2, info},
		{"dump", "IMAGE ID", 2, dump},
		{"sign", "IMAGE KEYFILE [PASSPHRASE-FILE|-] [--group N]... [--object N[,N]...]... [--deterministic] [--no-salt] [--time UNIX]", 2, sign},
		{"verify", "IMAGE KEYRING... default|group N|object N|legacy|legacy-all|legacy-group N|legacy-object N", 2, verify},
		{"genkey", "OUT.sec OUT.pub rsa|ed25519 BITS NAME EMAIL [PASSPHRASE-FILE|-] [--time UNIX] [--lifetime SECONDS]", 6, generateKey},
		{"keyinfo", "FILE", 1, keyInfo},
		{"ring-check", "FILE", 1, ringCheck},
		{"clearsign", "KEYFILE HASH [PASSPHRASE-FILE|-] [--time UNIX] < TEXT", 2, clearSign},
		{"clearverify", "KEYRING... < MESSAGE", 1, clearVerify},
	}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New(usage())
	}
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		if len(args)-1 < v.least {
			return fmt.Errorf("usage: sif-go %s %s", v.name, v.usage)
		}
		return v.run(args[1:])
	}
	return fmt.Errorf("unknown verb %q\n%s", args[0], usage())
}

func usage() string {
	b := &strings.Builder{}
	b.WriteString("usage:")
	for _, v := range verbs() {
		fmt.Fprintf(b, "\n  sif-go %s %s", v.name, v.usage)
	}
	return b.String()
}

// answer prints v as JSON, with characters such as < as they are: the tests
// compare texts, and nothing here is ever put into a web page.
func answer(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
