import Testing

import DeepDream
