package policy

import "context"

type principalKey struct{}

// WithPrincipal is a context in which it is known who asks, for sources whose rows depend on that.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalOf is who asks; false if that isn't known, and then nothing may be told.
func PrincipalOf(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}
