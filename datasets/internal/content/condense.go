package content

// way is an implementation of condense.
type way struct {
	name     string
	condense func(*lanes, *[block]byte)
}

var plainly = way{"plain", condensePlainly}

// condense fills s with what the block is condensed to.
var condense = ways[0].condense
