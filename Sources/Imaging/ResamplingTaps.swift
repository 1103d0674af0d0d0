/// For each pixel along one side of the result: which source pixels it is made of, and their weights.
struct ResamplingTaps {
    /// First source pixel of each target pixel.
    private(set) var starts: [Int] = []

    /// Where each target pixel's weights begin in `weights`; the last entry is where they end.
    private(set) var bounds: [Int] = [0]

    /// The weights of all target pixels; those of one add up to 1.
    private(set) var weights: [Float] = []

    /// Pixels are areas: pixel i has its centre at i + ½. When shrinking, the kernel is stretched by the ratio of the
    /// sizes; at the picture's edges it is cut off and normalised again.
    init(from sourceCount: Int, to targetCount: Int, filter: ResamplingFilter) {
        let scale = Double(sourceCount) / Double(targetCount)
        let stretch = max(scale, 1)
        let radius = filter.radius * stretch
        starts.reserveCapacity(targetCount)
        bounds.reserveCapacity(targetCount + 1)

        for target in 0..<targetCount {
            let centre = (Double(target) + 0.5) * scale
            let start = max(Int(centre - radius + 0.5), 0)
            let end = min(Int(centre + radius + 0.5), sourceCount)
            let kernel = (start..<end).map { filter.weight(at: (Double($0) + 0.5 - centre) / stretch) }
            let sum = kernel.reduce(0, +)
            starts.append(start)
            weights.append(contentsOf: kernel.map { Float($0 / sum) })
            bounds.append(weights.count)
        }
    }
}
