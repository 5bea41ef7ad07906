package login

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// leeway is by how much the clocks of a provider and of this machine may differ.
const leeway = 30 * time.Second

// Algorithms are those that a token may be signed with unless a provider's configuration says less: each has a public key to verify with. HS256 and its
// like are not among them, since with those, a public key would be taken for the secret; none is no signature.
var Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// minRSA is the least length of an RSA key in bits.
const minRSA = 2048

// provider is one issuer of tokens for one audience.
type provider struct {
	cfg        OIDC
	keys       *keySet
	algorithms []string
	parser     *jwt.Parser
}

func newProvider(cfg OIDC) (*provider, error) {
	if cfg.Issuer == "" || cfg.Audience == "" || cfg.JWKS == "" {
		return nil, errors.New("issuer, audience and jwks are needed")
	}
	if cfg.UserClaim == "" {
		cfg.UserClaim = "sub"
	}
	p := &provider{cfg: cfg, algorithms: cfg.Algorithms}
	if len(p.algorithms) == 0 {
		p.algorithms = Algorithms
	}
	for _, a := range p.algorithms {
		if !slices.Contains(Algorithms, a) {
			return nil, fmt.Errorf("algorithm %q is none of %s", a, strings.Join(Algorithms, ", "))
		}
	}
	var err error
	if p.keys, err = newKeySet(cfg.JWKS, cfg.CA); err != nil {
		return nil, err
	}
	p.parser = jwt.NewParser(jwt.WithValidMethods(p.algorithms), jwt.WithIssuer(cfg.Issuer), jwt.WithAudience(cfg.Audience), jwt.WithLeeway(leeway),
		jwt.WithExpirationRequired(), jwt.WithJSONNumber(), jwt.WithStrictDecoding())
	return p, nil
}

// tokenShaped reports whether a password is a signed token: three parts, of which the first is a JSON object that names an algorithm.
func tokenShaped(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return false
	}
	head, err := jwt.NewParser().DecodeSegment(parts[0])
	if err != nil {
		return false
	}
	var fields struct {
		Alg string `json:"alg"`
	}
	return json.Unmarshal(head, &fields) == nil && fields.Alg != ""
}

// token finds the providers that a token names as its issuer and asks them.
func (m *Methods) token(ctx context.Context, user, token string) (Identity, error) {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser(jwt.WithJSONNumber()).ParseUnverified(token, claims); err != nil {
		return Identity{}, reason(err)
	}
	issuer, _ := claims.GetIssuer()
	err := denied("the token is of another issuer")
	for _, p := range m.oidc {
		if p.cfg.Issuer != issuer {
			continue
		}
		var id Identity
		if id, err = p.login(ctx, user, token); err == nil {
			return id, nil
		}
	}
	return Identity{}, err
}

// login verifies a token and that it is the user's.
func (p *provider) login(ctx context.Context, user, text string) (Identity, error) {
	token, err := p.parser.Parse(text, func(t *jwt.Token) (any, error) { return p.key(ctx, t) })
	if err != nil {
		return Identity{}, reason(err)
	}
	claims := token.Claims.(jwt.MapClaims)
	name, ok := find(claims, p.cfg.UserClaim).(string)
	if !ok || name != user {
		return Identity{}, denied("the token's claim %s is not the login name", p.cfg.UserClaim)
	}
	if p.cfg.UserClaim == "email" {
		if verified, there := claims["email_verified"]; there && verified != true {
			return Identity{}, denied("the token's e-mail address has not been verified by its issuer")
		}
	}
	expires, err := claims.GetExpirationTime()
	if err != nil || expires == nil {
		return Identity{}, denied("the token has no end")
	}
	id := Identity{Name: name, Attributes: map[string]string{}, Expires: expires.Add(leeway), By: "token of " + p.cfg.Issuer, ReadsAll: p.cfg.ReadsAll}
	id.Roles = mapped(p.cfg.Roles, values(claims, p.cfg.RolesClaim), p.cfg.DefaultRoles, func(a, b string) bool { return a == b })
	if len(id.Roles) == 0 {
		return Identity{}, denied("the token gives no role")
	}
	for name, claim := range p.cfg.Attributes {
		if v := values(claims, claim); len(v) == 1 {
			id.Attributes[name] = v[0]
		}
	}
	return id, nil
}

// key is the key that verifies a token: the one it names, if that key is made for the token's algorithm.
func (p *provider) key(ctx context.Context, t *jwt.Token) (any, error) {
	if _, there := t.Header["crit"]; there { // extensions that must be understood
		return nil, denied("the token has extensions that are not known here")
	}
	id := ""
	if v, there := t.Header["kid"]; there {
		text, ok := v.(string)
		if !ok || text == "" {
			return nil, denied("the token's key id is no text")
		}
		id = text
	}
	jwk, err := p.keys.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if alg := jwk.Marshal().ALG.String(); alg != "" && alg != t.Method.Alg() {
		return nil, denied("the token's algorithm is not its key's")
	}
	switch key := jwk.Key().(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < minRSA {
			return nil, denied("the token's key has less than %d bits", minRSA)
		}
		return key, nil
	case *ecdsa.PublicKey:
		if m, ok := t.Method.(*jwt.SigningMethodECDSA); !ok || m.CurveBits != key.Curve.Params().BitSize {
			return nil, denied("the token's algorithm is not its key's")
		}
		return key, nil
	case ed25519.PublicKey:
		return key, nil
	}
	return nil, denied("the token's key is of a kind that verifies no signature")
}

// reason turns the library's error into one that quotes nothing of the token.
func reason(err error) error {
	var ours *refusal
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, jwt.ErrTokenMalformed):
		return denied("the token is malformed")
	case errors.Is(err, jwt.ErrTokenUnverifiable), errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return denied("the token's signature doesn't verify, or its algorithm is not allowed")
	case errors.Is(err, jwt.ErrTokenExpired):
		return denied("the token has expired")
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return denied("the token is not valid yet")
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return denied("the token is for another audience")
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return denied("the token is of another issuer")
	}
	return denied("the token's claims are missing or of the wrong type")
}
