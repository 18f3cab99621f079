# Hugging Face text classifiers over a test set by Trainer.predict, one npz a model.
import os, sys, datasets, numpy as np, transformers as hf

os.makedirs("predictions", exist_ok=True)
test = datasets.load_dataset(sys.argv[1], split="test")  # columns text and label
for name in sys.argv[2:]:  # python hugging_face.py DATASET MODEL MODEL ...
    tokenizer = hf.AutoTokenizer.from_pretrained(name)
    model = hf.AutoModelForSequenceClassification.from_pretrained(name)
    trainer = hf.Trainer(model, data_collator=hf.DataCollatorWithPadding(tokenizer))
    out = trainer.predict(test.map(lambda row: tokenizer(row["text"], truncation=True)))
    file = f"predictions/{name.replace('/', '--')}.npz"
    np.savez(file, logits=out.predictions, labels=out.label_ids)
