module old-go

go 1.26.5

// As Debian 12 ships it. The package openpgp is frozen since 2021.
require golang.org/x/crypto v0.4.0
