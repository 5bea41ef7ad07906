// Package tagged compiles only with the build tags that Weir needs. A package that needs them imports it, so that a build without
// them stops here with one sentence instead of a page of undefined names.
package tagged
