package main

import (
	"fmt"
	"time"

	"abstain/harness/training"
)

// trainProgress tells how far a training is, as progress does of a run.
type trainProgress struct {
	*progress
	models int
}

func newTrainProgress(s *streams, models int) *trainProgress {
	p := &trainProgress{newProgress(s, false), models}
	p.Start(models, 0)
	return p
}

func (p *trainProgress) tell(t training.Trained) {
	p.done++
	if t.Err != nil {
		p.failed++
		p.failure(fmt.Errorf("%s: %w", t.Model.Name, t.Err))
	}
	switch now := p.now(); {
	case p.bar != nil:
		p.bar.Describe(fmt.Sprintf("%d failed", p.failed))
		p.bar.Add(1)
	case now.Sub(p.spoke) >= time.Second && p.done < p.models:
		p.spoke = now
		fmt.Fprintf(p.w, "[%d/%d] %s: %d failed, %s left\n", p.done, p.models, t.Model.Name, p.failed, p.left(now))
	}
}
