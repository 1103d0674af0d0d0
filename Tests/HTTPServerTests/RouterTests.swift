import HTTPServer
import Testing

@Suite("The router")
struct RouterTests {
    private var router: Router<String> {
        var router = Router<String>()
        router.add("GET", "/", "index")
        router.add("POST", "/jobs", "submit")
        router.add("GET", "/jobs/{id}", "job")
        router.add("DELETE", "/jobs/{id}", "cancel")
        router.add("GET", "/models/{model}/layers/{layer}", "layer")
        return router
    }

    private func text(_ method: String, _ path: String) -> String {
        switch router.match(method: method, path: path) {
        case .found(let value, let parameters):
            ([value] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        case .noPath: "no path"
        case .noMethod(let allowed): "allowed: " + allowed.joined(separator: ", ")
        }
    }

    @Test(
        "finds what stands at a path for a method, with the path's parameters",
        arguments: [
            ("GET", "/", "index"), ("HEAD", "/", "index"), ("POST", "/jobs", "submit"),
            ("GET", "/jobs/a.b", "job id=a.b"),
            ("HEAD", "/jobs/x", "job id=x"), ("DELETE", "/jobs/x", "cancel id=x"),
            ("GET", "/models/m/layers/l", "layer layer=l model=m"), ("GET", "/jobs/", "no path"),
            ("GET", "/jobs/x/", "no path"), ("GET", "", "no path"), ("GET", "//", "no path"),
            ("GET", "/models//layers/l", "no path"), ("GET", "/Jobs/x", "no path"),
            ("GET", "/jobs", "allowed: POST"), ("PUT", "/jobs/x", "allowed: DELETE, GET, HEAD"),
        ])
    func match(method: String, path: String, expected: String) {
        #expect(text(method, path) == expected)
    }
}
