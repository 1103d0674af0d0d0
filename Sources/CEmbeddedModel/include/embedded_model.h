// The weights of the embedded model, in the project's safetensors format.
#pragma once
#include <stddef.h>
#include <stdint.h>

extern const uint8_t embedded_model_bytes[];
extern const size_t embedded_model_length;
