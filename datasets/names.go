package datasets

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// part is what a column can be of a prediction table.
type part uint8

const (
	idPart part = iota
	labelPart
	logitsPart
	probsPart
	outputsPart // class vectors of which only the values tell whether they are probabilities
	predictionPart
	correctPart
	confidencePart // higher is more trusted, whatever is predicted
	scorePart      // a score whose meaning the values tell, as scikit-learn's y_score
	abstainPart    // the sample should have been left unanswered
	parts
)

// vocabulary says how the parts of a table are called. The first word of each is this
// package's own: a column called so is the part, whatever else there is. The others are
// what people call it; case, hyphens, underscores and blanks make no difference. A word
// may belong to several parts, of which the type of the column decides. The order
// matters only for ids, of which the first is taken.
var vocabulary = [parts]string{
	idPart: "sample_id id ids sample_ids sample sample_name sample_key uid uuid guid image_id image_ids img_id " +
		"example_id instance_id item_id record_id question_id doc_id case_id scan_id object_id key image_name " +
		"img_name filename file_name filenames file filepath file_path path image image_path img_path img url " +
		"names paths image_paths img_paths file_paths filepaths files image_names uids sample_idx sample_index image_idx image_index example_idx data_idx idx index indices row " +
		"row_id row_number row_index rownames unnamed:_0 __index_level_0__ level_0",
	labelPart: "label labels y_true y_trues true_y y target targets gt gts ground_truth ground_truths " +
		"ground_truth_label gt_label gt_labels class classes true_label true_labels true_class true_classes " +
		"label_true labels_true truth truths true label_id label_ids label_idx label_index class_id class_ids " +
		"class_idx class_index class_label class_labels target_id target_ids target_idx target_class " +
		"target_label gold golds gold_label gold_labels actual actuals actual_label actual_class y_test y_val " +
		"y_actual correct_label correct_class reference references expected expected_label annotation " +
		"true_target true_targets true_id true_idx",
	logitsPart: "logits logit raw_logits class_logits model_logits pred_logits output_logits all_logits log_probs " +
		"log_prob logprobs logprob log_probabilities log_softmax log_proba log_likelihoods loglikelihoods " +
		"pre_softmax",
	probsPart: "probs prob probabilities probability proba probas softmax softmaxes softmax_probs softmax_output " +
		"softmax_outputs softmax_scores y_prob y_probs y_proba y_probas y_probabilities pred_prob pred_probs " +
		"pred_proba pred_probas predicted_probs predicted_probabilities predict_proba prediction_probs " +
		"y_pred_prob y_pred_probs y_pred_proba class_prob class_probs class_probabilities posterior " +
		"posteriors all_probs model_probs probability_estimates",
	outputsPart: "outputs output out outs model_output model_outputs network_output network_outputs net_output y_score " +
		"y_scores score scores class_scores class_score preds pred predictions prediction y_pred y_preds " +
		"y_hat yhat predicted raw_predictions raw_outputs activations",
	predictionPart: "prediction predictions pred preds predicted predicted_label predicted_labels predicted_class " +
		"predicted_classes predicted_id predicted_ids predicted_idx y_pred y_preds y_hat yhat y_predicted " +
		"pred_label pred_labels pred_class pred_classes pred_id pred_ids pred_idx label_pred labels_pred " +
		"prediction_label prediction_id class_pred output_label argmax predicted_answer",
	correctPart: "correct is_correct corrects correctness is_right right hit hits was_correct",
	confidencePart: "confidence confidences conf confs max_prob max_probs maxprob max_probability max_proba max_softmax " +
		"max_softmax_prob maximum_probability msp max_conf max_confidence certainty trust trust_score " +
		"pred_conf pred_confidence prediction_confidence confidence_score confidence_scores conf_score " +
		"top1_prob top1_conf top_prob pred_prob predicted_prob predicted_probability prediction_prob " +
		"max_score prob_max",
	scorePart: "score scores y_score y_scores y_prob y_probs y_proba prob probs proba probas probability " +
		"probabilities p p1 p_1 prob_1 proba_1 prob_pos pos_prob positive_prob prob_positive " +
		"positive_probability y_pred_prob y_pred_proba pred_proba pred_probs predict_proba decision " +
		"decision_function decision_value decision_values margin margins logit logits outputs output preds " +
		"predictions pred y_hat yhat y_pred sigmoid sigmoid_output",
	abstainPart: "should_abstain should_have_abstained should_refuse abstain_expected expected_abstain",
}

// wideWords are further words before the numbers of columns with one class each. The
// empty word is that of columns called 0, 1, ...
var wideWords = map[part][]string{
	logitsPart:  {"l"},
	probsPart:   {"p", "pr", "ps"},
	outputsPart: {"", "o", "c", "z", "class", "cls"},
	labelPart:   {"onehot", "one_hot"},
}

// canonicalWide are the words before numbers that are this package's own.
var canonicalWide = []string{"logits_", "l", "probs_", "p"}

// fold is a name in lower case with single underscores between its words, whatever else
// stands there.
func fold(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool {
		return c == '_' || c == '-' || c == ' ' || c == '.' || c == '\t'
	})
	return strings.Join(words, "_")
}

// squash is a name without what stands between its words.
func squash(name string) string { return strings.ReplaceAll(fold(name), "_", "") }

// places gives, for each part, the place of folded words in the vocabulary, and of words
// written together.
var places, squashed = func() (apart, together [parts]map[string]int) {
	for p := range parts {
		apart[p], together[p] = map[string]int{}, map[string]int{}
		for i, word := range strings.Fields(vocabulary[p]) {
			put(apart[p], fold(word), i)
			put(together[p], squash(word), i)
		}
	}
	return apart, together
}()

func put(m map[string]int, word string, place int) {
	if _, twice := m[word]; !twice {
		m[word] = place
	}
}

// placeOf finds a name in the vocabulary of the part. The words of a name may be written
// together, but not be divided otherwise: proba is a word, prob_a is class a.
func placeOf(p part, name string) (place int, ok bool) {
	f := fold(name)
	if place, ok = places[p][f]; !ok && !strings.Contains(f, "_") {
		place, ok = squashed[p][f]
	}
	return place, ok
}

// word is the package's own word for the part.
func (p part) word() string {
	w, _, _ := strings.Cut(vocabulary[p], " ")
	return w
}

// partCalled finds the part that a user names; plurals will do.
func partCalled(word string) (part, bool) {
	for p := range parts {
		own := fold(p.word())
		if f := fold(word); f == own || f == own+"s" || f+"s" == own {
			return p, p != outputsPart && p != scorePart
		}
	}
	place, ok := placeOf(idPart, word)
	return idPart, ok && place < 3
}

// candidate is a column that may be a part, by its name.
type candidate struct {
	field int
	place int // in the vocabulary; 0 is the package's own word, in any dress
	name  string
}

// candidates lists the columns that are not used yet and may be the part, the best
// first. The order does not depend on that of the columns.
func (r *recogniser) candidates(p part) []candidate {
	var list []candidate
	for i, f := range r.fields {
		if place, ok := placeOf(p, f.Name); ok && !r.used[i] {
			list = append(list, candidate{i, place, f.Name})
		}
	}
	own := p.word()
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(-compareBool(a.name == own, b.name == own), cmp.Compare(a.place, b.place), strings.Compare(a.name, b.name))
	})
	return list
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// family are columns with one class each, called by a common word and a number.
type family struct {
	prefix string      // as the first of them writes it
	fields map[int]int // field by number
	own    bool        // the word is the package's own, as it writes it
	yesNo  bool        // some columns hold yes and no
}

// families groups the columns that are not used yet by the word before their number.
func (r *recogniser) families() map[string]*family {
	all := map[string]*family{}
	for i, f := range r.fields {
		prefix, n, ok := numberedName(f.Name)
		if !ok || r.used[i] || !scalar(f.Kind) && f.Kind != column.Bool {
			continue
		}
		word := fold(prefix)
		w := all[word]
		if w == nil {
			w = &family{prefix: prefix, fields: map[int]int{}, own: true}
			all[word] = w
		}
		if _, twice := w.fields[n]; twice {
			w.fields[-1] = i // p1 and p_1: no family
		}
		w.fields[n] = i
		w.yesNo = w.yesNo || f.Kind == column.Bool
		w.own = w.own && slices.Contains(canonicalWide, prefix) && f.Name == prefix+strconv.Itoa(n)
		w.prefix = min(w.prefix, prefix)
	}
	return all
}

// scalar reports whether a column of this kind has one number in each row.
func scalar(k column.Kind) bool {
	switch k {
	case column.Int, column.Float32, column.Float64, column.Untyped:
		return true
	}
	return false
}

// numberedName splits a name into a word and the number at its end.
func numberedName(name string) (prefix string, n int, ok bool) {
	prefix = strings.TrimRight(name, "0123456789")
	digits := name[len(prefix):]
	n, err := strconv.Atoi(digits)
	return prefix, n, err == nil && n < 1<<24
}

// first is the number of the family's first class: 0, or 1 if there is no 0.
func (w *family) first() int {
	if _, ok := w.fields[0]; ok {
		return 0
	}
	return 1
}

// missing is the first number that the family lacks; -1 if it has all.
func (w *family) missing() int {
	first := w.first()
	for c := range len(w.fields) {
		if _, ok := w.fields[first+c]; !ok {
			return first + c
		}
	}
	return -1
}

// isWide reports whether the folded word, before a number, names columns of the part.
func isWide(p part, word string) bool {
	if _, ok := placeOf(p, word); ok {
		return true
	}
	return slices.ContainsFunc(wideWords[p], func(w string) bool { return fold(w) == word })
}
