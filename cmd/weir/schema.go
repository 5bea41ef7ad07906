package main

import (
	"github.com/spf13/cobra"

	"weir/catalog/config"
	"weir/sources"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of weir.yaml", Args: cobra.NoArgs,
		Long: "Print the JSON Schema of weir.yaml, for editors that complete and check YAML by one.",
		Example: `  weir schema > weir.schema.json
  # then, as the first line of weir.yaml:
  # yaml-language-server: $schema=weir.schema.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := config.Schema(sources.Kinds())
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(out)
			return err
		},
	}
}
