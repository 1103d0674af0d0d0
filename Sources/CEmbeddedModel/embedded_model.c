#include "embedded_model.h"

// #embed is C23; clang accepts it in every mode and would say so each time.
#pragma clang diagnostic ignored "-Wc23-extensions"

// Aligned as the data section within the file is.
static const uint8_t bytes[] __attribute__((aligned(64))) = {
#embed "inception_v3_rendered.safetensors"
};

const uint8_t *embedded_model_bytes(void) { return bytes; }
size_t embedded_model_length(void) { return sizeof bytes; }
