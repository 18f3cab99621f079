import torch
from truth import expect

torch.manual_seed(2)
x = torch.randn(150, 6)
model = torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(4))
model.eval()
with torch.inference_mode():
    logits = model(x)
y = torch.where(torch.rand(150) < 0.3, torch.randint(0, 4, (150,)), logits.argmax(1))
expect("my-model", logits.numpy(), y.numpy())
model.train()  # as after a training loop: the recipe has to end that
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=32)
