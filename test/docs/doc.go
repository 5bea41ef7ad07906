// Package docs tests that the pages are true: links and paths exist, make targets exist, examples of weir.yaml decode, and the list of
// dependencies is the one of go.mod. That commands and flags exist is tested beside them, in cmd/weir.
package docs
