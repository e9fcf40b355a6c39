#!/usr/bin/env python3
"""Times training steps of a BERT as anybody writes it in PyTorch: eager, module by module.

The shape comes from the JSON that `norma bench --json` prints; the result is JSON too. Random tokens, dropout, logits at
the predicted positions only, clipping by global norm, torch.optim.AdamW.
"""
import argparse
import json
import os
import statistics
import sys
import time

import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        h = c["hidden_size"]
        self.heads = c["num_attention_heads"]
        self.query, self.key, self.value, self.output = (nn.Linear(h, h) for _ in range(4))
        self.attention_norm = nn.LayerNorm(h, eps=c["layer_norm_eps"])
        self.intermediate = nn.Linear(h, c["intermediate_size"])
        self.out = nn.Linear(c["intermediate_size"], h)
        self.norm = nn.LayerNorm(h, eps=c["layer_norm_eps"])
        self.dropout = nn.Dropout(c["hidden_dropout_prob"])
        self.attention_dropout = nn.Dropout(c["attention_probs_dropout_prob"])

    def forward(self, x):  # (B, S, H)
        b, s, h = x.shape
        q, k, v = (f(x).view(b, s, self.heads, -1).transpose(1, 2) for f in (self.query, self.key, self.value))
        probs = torch.softmax(q @ k.transpose(-1, -2) / (h // self.heads) ** 0.5, dim=-1)  # (B, A, S, S)
        context = (self.attention_dropout(probs) @ v).transpose(1, 2).reshape(b, s, h)
        x = self.attention_norm(x + self.dropout(self.output(context)))
        return self.norm(x + self.dropout(self.out(nn.functional.gelu(self.intermediate(x)))))


class Bert(nn.Module):
    def __init__(self, c):
        super().__init__()
        h = c["hidden_size"]
        self.words = nn.Embedding(c["vocab_size"], h)
        self.positions = nn.Embedding(c["max_position_embeddings"], h)
        self.types = nn.Embedding(c["type_vocab_size"], h)
        self.norm = nn.LayerNorm(h, eps=c["layer_norm_eps"])
        self.dropout = nn.Dropout(c["hidden_dropout_prob"])
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))
        self.transform = nn.Linear(h, h)
        self.head_norm = nn.LayerNorm(h, eps=c["layer_norm_eps"])
        self.bias = nn.Parameter(torch.zeros(c["vocab_size"]))
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=c["initializer_range"])

    def forward(self, ids, predicted):  # (B, S); (M) positions in B*S
        x = self.words(ids) + self.positions.weight[: ids.shape[1]] + self.types.weight[0]
        x = self.dropout(self.norm(x))
        for layer in self.layers:
            x = layer(x)
        x = x.flatten(0, 1)[predicted]  # (M, H)
        x = self.head_norm(nn.functional.gelu(self.transform(x)))
        return x @ self.words.weight.T + self.bias  # (M, V)


def matrix_product_rate(seconds=2.0, size=2048):
    """Median GFLOP/s of square float32 products."""
    a, b = torch.ones(size, size), torch.ones(size, size)
    a @ b
    rates = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        a @ b
        rates.append(2e-9 * size**3 / (time.perf_counter() - start))
    return statistics.median(rates)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", help="JSON of norma bench --json")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    with open(options.shape, encoding="utf-8") as file:
        bench = json.load(file)
    shape, rows, length = bench["model"], bench["batch_size"], bench["sequence_length"]
    predictions = round(bench["predictions_per_step"])
    model = Bert(shape).train()
    parameters = sum(p.numel() for p in model.parameters())
    if parameters != bench["parameters"]:
        sys.exit(f"Norma trains {bench['parameters']} numbers, this {parameters}: not the same model")
    decayed = [p for p in model.parameters() if p.dim() == 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=1e-4
    )
    before = matrix_product_rate()
    seconds = []
    for step in range(options.warmup + options.steps):
        start = time.perf_counter()
        ids = torch.randint(5, shape["vocab_size"], (rows, length))
        predicted = torch.randperm(rows * length)[:predictions]
        labels = ids.flatten()[predicted]
        ids.view(-1)[predicted] = 4  # [MASK]
        loss = nn.functional.cross_entropy(model(ids, predicted), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step >= options.warmup:
            seconds.append(time.perf_counter() - start)
        if step % 10 == 0:
            print(f"eager PyTorch: step {step}, loss {loss.item():.3f}", file=sys.stderr)
    result = {
        "peer": f"PyTorch {torch.__version__}, eager, Python",
        "threads": torch.get_num_threads(),
        "parameters": parameters,
        "steps": len(seconds),
        "step_seconds": {"min": min(seconds), "median": statistics.median(seconds), "max": max(seconds)},
        "tokens_per_second": rows * length / statistics.median(seconds),
        "peak_gigaflops_before": before,
        "peak_gigaflops_after": matrix_product_rate(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
