# timm models over ImageNet's validation images, a folder a class, as safetensors.
import os, sys, timm, timm.data as data, torch, safetensors.torch as st
device = "cuda" if torch.cuda.is_available() else "cpu"
os.makedirs("predictions", exist_ok=True)
for name in sys.argv[2:]:  # python timm_imagenet.py imagenet/val MODEL MODEL ...
    model = timm.create_model(name, pretrained=True).eval().to(device)
    look = data.create_transform(**data.resolve_model_data_config(model))
    images = data.ImageDataset(sys.argv[1], transform=look)
    with torch.inference_mode():
        out = [(model(x.to(device)).cpu(), y) for x, y in torch.utils.data.DataLoader(images, 64)]
    logits, labels = map(torch.cat, zip(*out))
    st.save_file({"logits": logits, "labels": labels}, f"predictions/{name}.safetensors")
