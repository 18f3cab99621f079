package page

import ("testing";"time";"abstain/harness/board";"abstain/harness/results";"abstain/metrics";"abstain/metrics/ranks")

func TestScratch(t *testing.T) {
	r, err := results.Read("/work/demo-out"); if err != nil { t.Fatal(err) }
	b, err := board.New(r, board.Options{By: metrics.MustMeasure("aurc")}); if err != nil { t.Fatal(err) }
	t0 := time.Now()
	b.ResolveRanks(r, board.Simultaneous, ranks.Options{Seed: 1})
	t.Log("resolve", time.Since(t0))
	t0 = time.Now()
	s, err := New(Input{Board: b, Results: r, Shown: metrics.MustMeasures("coverage-at-risk@0.05","accuracy","ece","auroc","sac@0.99")})
	if err != nil { t.Fatal(err) }
	t.Log("new", time.Since(t0), len(s.Views))
	p, _ := s.Pack()
	t.Log("packed", len(p), "sections", len(s.sections.bytes))
	size := func(name string, f func(s *Store)) { c := *s; c.Views = nil; for _, v := range s.Views { w := *v; c.Views = append(c.Views, &w) }; f(&c); q, _ := c.Pack(); t.Log("without", name, len(p)-len(q)) }
	size("sections", func(c *Store) { c.sections.bytes = nil })
	size("curves", func(c *Store) { for _, v := range c.Views { v.Curves = nil } })
	size("curves0", func(c *Store) { c.Views[0].Curves = nil })
	size("thresholds", func(c *Store) { k := *c.Views[0].Curves; k.AtCoverage = nil; c.Views[0].Curves = &k })
	size("points", func(c *Store) { k := *c.Views[0].Curves; k.Points = nil; c.Views[0].Curves = &k })
	size("columns", func(c *Store) { for _, v := range c.Views { v.Columns = nil } })
	size("columns0", func(c *Store) { c.Views[0].Columns = nil })
	size("othercolumns", func(c *Store) { c.Views = c.Views[:1] })
	size("files", func(c *Store) { c.Files = nil })
	size("meta", func(c *Store) { c.Meta = nil })
}
