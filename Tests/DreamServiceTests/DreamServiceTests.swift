import Testing

import DreamService
