#include "embedded_model.h"

static const uint8_t bytes[] = {0};

const uint8_t *embedded_model_bytes(void) { return bytes; }
size_t embedded_model_length(void) { return sizeof bytes; }
