// The weights of the embedded model, in the project's safetensors format.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Functions, because Swift does not import an array whose length is not in the header.
const uint8_t *embedded_model_bytes(void);
size_t embedded_model_length(void);
