/// Metrics as text in Prometheus' exposition format, version 0.0.4:
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>.
package struct PrometheusText {
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// The kinds of metrics with a single value.
    package enum Kind: String {
        /// Only grows while the process runs. Its name should end in `_total`.
        case counter
        case gauge
    }

    /// The names and values of labels, in the order of the text.
    package typealias Labels = KeyValuePairs<String, String>

    package private(set) var text = ""

    package init() {}

    /// Adds a metric that has no labels.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        addHead(name, kind.rawValue, help)
        addSample(name, [], value)
    }

    /// Adds a metric with a value for each combination of labels.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ values: [(Labels, Double)]) {
        addHead(name, kind.rawValue, help)
        for (labels, value) in values { addSample(name, Array(labels), value) }
    }

    /// Adds a histogram that has no labels.
    package mutating func add(_ name: String, _ help: String, _ histogram: Histogram) {
        addHead(name, "histogram", help)
        addSamples(name, [], histogram)
    }

    /// Adds a histogram for each combination of labels.
    package mutating func add(_ name: String, _ help: String, _ histograms: [(Labels, Histogram)]) {
        addHead(name, "histogram", help)
        for (labels, histogram) in histograms { addSamples(name, Array(labels), histogram) }
    }

    private mutating func addSamples(
        _ name: String, _ labels: [(key: String, value: String)], _ histogram: Histogram
    ) {
        for (bound, count) in histogram.cumulative {
            addSample(name + "_bucket", labels + [("le", Self.number(bound))], Double(count))
        }
        addSample(name + "_sum", labels, histogram.sum)
        addSample(name + "_count", labels, Double(histogram.count))
    }

    private mutating func addHead(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func addSample(_ name: String, _ labels: [(key: String, value: String)], _ value: Double) {
        let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += pairs.isEmpty ? name : "\(name){\(pairs)}"
        text += " \(Self.number(value))\n"
    }

    /// A number without a needless `.0`.
    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        return Int(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
