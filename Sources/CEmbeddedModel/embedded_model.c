#include "embedded_model.h"

// #embed is C23. clang accepts it in older modes too, but warns.
#pragma clang diagnostic ignored "-Wc23-extensions"

// The file's data section begins at a multiple of 64 bytes.
static const uint8_t bytes[] __attribute__((aligned(64))) = {
#embed "inception_v3_rendered.safetensors"
};

const uint8_t *embedded_model_bytes(void) { return bytes; }
size_t embedded_model_length(void) { return sizeof bytes; }
