package main

import (
	"os"

	"github.com/apptainer/sif/v2/pkg/siftool"
	"github.com/spf13/cobra"
)

// siftoolText runs one command of siftool in this process. Its printing code is
// internal to the library; the commands around it are all that can be imported,
// and they are what Apptainer puts under "apptainer sif".
func siftoolText(args ...string) error {
	root := &cobra.Command{Use: "siftool", SilenceUsage: true, SilenceErrors: true}
	if err := siftool.AddCommands(root); err != nil {
		return err
	}
	root.SetOut(os.Stdout)
	root.SetErr(os.Stderr)
	root.SetArgs(args)
	return root.Execute()
}

func list(args []string) error { return siftoolText("list", args[0]) }

func header(args []string) error { return siftoolText("header", args[0]) }

func info(args []string) error { return siftoolText("info", args[1], args[0]) }

func dump(args []string) error { return siftoolText("dump", args[1], args[0]) }
