#include "embedded_model.h"

const uint8_t embedded_model_bytes[] = {0};
const size_t embedded_model_length = sizeof embedded_model_bytes;
