extension Image {
    /// The stored picture, rotated and mirrored to be shown.
    package func oriented(_ orientation: ImageOrientation) -> Image {
        // Offsets in pixels of the stored picture: of the first pixel shown, and from a shown pixel to the one on its
        // right and the one below.
        let last = width * height - 1
        let (start, right, down) =
            switch orientation {
            case .topLeft: (0, 1, width)
            case .topRight: (width - 1, -1, width)
            case .bottomRight: (last, -1, -width)
            case .bottomLeft: (last - width + 1, 1, -width)
            case .leftTop: (0, width, 1)
            case .rightTop: (last - width + 1, -width, 1)
            case .rightBottom: (last, -width, -1)
            case .leftBottom: (width - 1, width, -1)
            }
        guard orientation != .topLeft else { return self }

        let (shownWidth, shownHeight) = orientation.swapsSides ? (height, width) : (width, height)
        let shown = pixels.withUnsafeBufferPointer { stored in
            [UInt8](unsafeUninitializedCapacity: pixels.count) { shown, count in
                // In strips, because a whole shown row may touch more stored rows than fit into the cache.
                let stripWidth = 64
                for left in stride(from: 0, to: shownWidth, by: stripWidth) {
                    for y in 0..<shownHeight {
                        var target = 3 * (y * shownWidth + left)
                        var source = 3 * (start + y * down + left * right)
                        for _ in left..<min(left + stripWidth, shownWidth) {
                            shown[target] = stored[source]
                            shown[target + 1] = stored[source + 1]
                            shown[target + 2] = stored[source + 2]
                            target += 3
                            source += 3 * right
                        }
                    }
                }
                count = pixels.count
            }
        }
        return Image(width: shownWidth, height: shownHeight, pixels: shown)
    }
}
