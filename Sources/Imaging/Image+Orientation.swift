extension Image {
    /// The stored picture, rotated and mirrored to be shown.
    package func oriented(_ orientation: ImageOrientation) -> Image {
        let shown = orientation.apply(to: pixels, width: width, height: height, channels: 3)
        return orientation.swapsSides
            ? Image(width: height, height: width, pixels: shown) : Image(width: width, height: height, pixels: shown)
    }
}

extension ImageOrientation {
    /// The stored samples, rotated and mirrored to be shown. None stay none.
    func apply<Sample>(to stored: [Sample], width: Int, height: Int, channels: Int) -> [Sample] {
        guard self != .topLeft, !stored.isEmpty else { return stored }
        // Offsets in pixels of the stored picture: of the first pixel shown, and from a shown pixel to the one on its
        // right and the one below.
        let last = width * height - 1
        let (start, right, down) =
            switch self {
            case .topLeft: (0, 1, width)
            case .topRight: (width - 1, -1, width)
            case .bottomRight: (last, -1, -width)
            case .bottomLeft: (last - width + 1, 1, -width)
            case .leftTop: (0, width, 1)
            case .rightTop: (last - width + 1, -width, 1)
            case .rightBottom: (last, -width, -1)
            case .leftBottom: (width - 1, width, -1)
            }
        let (shownWidth, shownHeight) = swapsSides ? (height, width) : (width, height)
        return stored.withUnsafeBufferPointer { stored in
            [Sample](unsafeUninitializedCapacity: stored.count) { shown, count in
                // In strips, because a whole shown row may touch more stored rows than fit into the cache.
                let stripWidth = 64
                for left in stride(from: 0, to: shownWidth, by: stripWidth) {
                    for y in 0..<shownHeight {
                        var target = channels * (y * shownWidth + left)
                        var source = channels * (start + y * down + left * right)
                        for _ in left..<min(left + stripWidth, shownWidth) {
                            for channel in 0..<channels {
                                shown.initializeElement(at: target + channel, to: stored[source + channel])
                            }
                            target += channels
                            source += channels * right
                        }
                    }
                }
                count = stored.count
            }
        }
    }
}
