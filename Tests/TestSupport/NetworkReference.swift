import VisionNet

/// A network's activations, objective and gradient on one picture in double precision, and the errors of PyTorch's
/// float32, as `make_efficientnet_reference.py` and `make_network_references.py` write them. Errors are divided by the
/// standard deviation of the true values, except where stated otherwise.
package struct NetworkReference: Decodable, Sendable {
    package struct Layer: Decodable, Sendable {
        package struct Error: Decodable, Sendable {
            package let largest: Double
            package let rootMeanSquare: Double
        }

        package let name: String
        /// `[height, width, channels]`
        package let shape: [Int]
        package let mean: Double
        package let deviation: Double
        package let float32Error: Error
        /// Those at `places`.
        package let values: [Float]

        /// The largest error of all activations (HWC) at the reference's places.
        package func largestError(of activations: [Float]) -> Double {
            let found = NetworkReference.sample(activations, name: name, count: values.count)
            return zip(found, values).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) } / deviation
        }

        /// The error of their mean.
        package func errorOfMean(of activations: [Float]) -> Double {
            let mean = activations.reduce(0.0) { $0 + Double($1) } / Double(activations.count)
            return abs(mean - self.mean) / deviation
        }
    }

    package struct Gradient: Decodable, Sendable {
        package struct Error: Decodable, Sendable {
            /// Of the objective, over its value.
            package let objective: Double
            package let median: Double
            /// The norm of the difference over the norm.
            package let relativeNorm: Double
        }

        /// What PyTorch's bfloat16 makes of the gradient.
        package struct Reduced: Decodable, Sendable {
            /// Between its gradient and the true one.
            package let cosine: Double
        }

        package let norm: Double
        package let deviation: Double
        /// On shifts of the picture.
        package let float32Errors: [Error]
        package let bfloat16: Reduced
        package let values: [Float]

        /// A gradient's values at the reference's places.
        package func sample(_ gradient: [Float]) -> [Float] {
            NetworkReference.sample(gradient, name: "gradient", count: values.count)
        }

        /// The middle one of float32's median errors: that of a picture on which no decision of a ReLU6 flips.
        package var usualMedianError: Double {
            let medians = float32Errors.map(\.median).sorted()
            return medians[medians.count / 2]
        }
    }

    /// A part of the objective.
    package struct Term: Decodable, Sendable {
        package let layer: String
        package let weight: Double
        package let squared: Bool
    }

    /// A dream of the picture.
    package struct Dream: Decodable, Sendable {
        package let recipe: String
        /// The share of 8-bit values that float32's dream has otherwise.
        package let float32Different: Double
        /// Those at `places`.
        package let values: [UInt8]
    }

    package let height: Int
    package let width: Int
    package let objective: Double
    package let gradient: Gradient
    package let layers: [Layer]
    /// What the weights are made with; nil for the network whose statistics are in a file of their own.
    package let variances: [String: Double]?
    package let dream: Dream?
    private let terms: [Term]?

    /// The terms of `objective`.
    package var objectiveTerms: [GradientPlan.Term] {
        terms?.map { term in
            GradientPlan.Term(
                layer: term.layer, measure: term.squared ? .meanOfSquares : .mean, weight: term.weight)
        } ?? Self.terms
    }

    /// The terms of EfficientNet-Lite0's objective.
    package static let terms = [
        GradientPlan.Term(layer: "e11", weight: 3),
        GradientPlan.Term(layer: "b10", measure: .meanOfSquares, weight: 0.3),
    ]

    /// Values at places that the name seeds.
    package static func sample<Value>(_ values: [Value], name: String, count: Int) -> [Value] {
        var generator = SplitMix64(seed: GeneratedWeights.fnv1a64("places/\(name)"))
        return (0..<count).map { _ in values[Int(generator.next() % UInt64(values.count))] }
    }
}

/// A way of computing a network with float32.
package struct ComputeWay: Sendable, CustomStringConvertible {
    package let description: String
    package let options: ComputeOptions

    /// OpenBLAS; the native kernels of every instruction set that this processor has; and those without Winograd.
    package static let all: [ComputeWay] = {
        var direct = ComputeOptions(backend: .native)
        direct.usesWinograd = false
        return [
            ComputeWay(description: "OpenBLAS", options: ComputeOptions(backend: .openblas)),
            ComputeWay(description: "direct", options: direct),
        ]
            + ComputeOptions.availableInstructionSets.map {
                ComputeWay(
                    description: "Winograd, \($0)", options: ComputeOptions(backend: .native, instructionSet: $0))
            }
    }()
}
