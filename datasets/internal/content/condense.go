package content

// way is an implementation of condense.
type way struct {
	name     string
	condense func(s *lanes, p *byte, stripes int)
}

var plainly = way{"plain", condensePlainly}

// condense takes so many stripes from p on into s.
var condense = ways[0].condense
