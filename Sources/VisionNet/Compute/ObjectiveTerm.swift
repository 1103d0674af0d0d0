/// A term of an objective on a tensor of known size.
struct ObjectiveTerm {
    let tensor: Graph.TensorID
    /// The channels that count, as runs of neighbours.
    let channels: [Range<Int>]
    /// The factor of their sum: the term's weight over the number of elements.
    let scale: Double
    private let allChannels: Int

    /// - Parameter channels: how many the tensor has, among them the term's.
    init(_ term: GradientPlan.Term, tensor: Graph.TensorID, channels: Int, size: (height: Int, width: Int)) {
        self.tensor = tensor
        allChannels = channels
        let chosen = term.channels?.sorted() ?? Array(0..<channels)
        self.channels = chosen.reduce(into: []) { runs, channel in
            if let last = runs.last, last.upperBound == channel {
                runs[runs.count - 1] = last.lowerBound..<channel + 1
            } else {
                runs.append(channel..<channel + 1)
            }
        }
        scale = term.weight / Double(size.height * size.width * chosen.count)
    }

    /// The term's gradient with respect to each channel.
    var gradient: [Double] {
        (0..<allChannels).map { channel in channels.contains { $0.contains(channel) } ? scale : 0 }
    }
}
