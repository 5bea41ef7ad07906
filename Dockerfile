# docker build -t weir . && docker run -v ./weir.yaml:/etc/weir/weir.yaml:ro -v weir-data:/var/lib/weir -p 127.0.0.1:3306:3306 weir
# In weir.yaml, listen on 0.0.0.0 and set data_dir: /var/lib/weir.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# DuckDB is linked in and needs cgo; the rest is pure Go.
RUN CGO_ENABLED=1 go build -trimpath -ldflags='-s -w' -tags duckdb_arrow,gms_pure_go -o /out/weir ./cmd/weir && mkdir /out/data

# The C and C++ libraries of the same Debian and nothing else: no shell, no package manager, user 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/weir /usr/local/bin/weir
COPY --from=build --chown=65532:65532 /out/data /var/lib/weir
WORKDIR /var/lib/weir
EXPOSE 3306 8306
ENTRYPOINT ["/usr/local/bin/weir"]
CMD ["serve", "--config", "/etc/weir/weir.yaml"]
