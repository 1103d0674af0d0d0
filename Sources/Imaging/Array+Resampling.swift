extension Array where Element: ResamplableSample {
    func resampled(
        from source: (width: Int, height: Int), to target: (width: Int, height: Int), channels: Int,
        filter: ResamplingFilter, isCancelled: () -> Bool = { false }
    ) -> [Element] {
        let resampler = Resampler(from: source, to: target, channels: channels, filter: filter)
        let count = target.width * target.height * channels
        return withUnsafeBufferPointer { samples in
            [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
                resampler.run(
                    samples, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]), isCancelled: isCancelled)
                initializedCount = count
            }
        }
    }
}
