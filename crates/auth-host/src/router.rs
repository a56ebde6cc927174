//! Paths to endpoints. Exact, as the wire has it: no spelling of a path but its own routes.

use std::collections::HashMap;

use http::Method;

/// Finds the endpoint of a method and a path.
#[derive(Debug, Default)]
pub(crate) struct Router {
    exact: HashMap<String, Vec<(Method, usize)>>,
    patterns: Vec<(Method, Vec<Segment>, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Text(String),
    Param(&'static str),
    /// All that follows, the empty rest too.
    Rest,
}

impl Router {
    /// Adds a route; gives the endpoint that has it already.
    pub(crate) fn insert(&mut self, method: &Method, path: &str, endpoint: usize) -> Result<(), usize> {
        if !path.contains("/:") && !path.ends_with("/*") {
            let methods = self.exact.entry(path.to_owned()).or_default();
            if let Some((_, other)) = methods.iter().find(|(m, _)| m == method) {
                return Err(*other);
            }
            methods.push((method.clone(), endpoint));
            return Ok(());
        }
        let segments: Vec<_> = path
            .split('/')
            .map(|s| match s.strip_prefix(':') {
                // Parameter names live as long as the table, which lives as long as the program.
                Some(name) => Segment::Param(String::from(name).leak()),
                None if s == "*" => Segment::Rest,
                None => Segment::Text(s.to_owned()),
            })
            .collect();
        if let Some((_, _, other)) =
            self.patterns.iter().find(|(m, s, _)| m == method && same_shape(s, &segments))
        {
            return Err(*other);
        }
        self.patterns.push((method.clone(), segments, endpoint));
        Ok(())
    }

    /// The endpoint of a path and its parameters, percent-decoded.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<(usize, Vec<(&'static str, String)>)> {
        if let Some(methods) = self.exact.get(path)
            && let Some((_, endpoint)) = methods.iter().find(|(m, _)| m == method)
        {
            return Some((*endpoint, Vec::new()));
        }
        self.patterns.iter().filter(|(m, _, _)| m == method).find_map(|(_, segments, endpoint)| {
            let mut params = Vec::new();
            let mut parts = path.split('/');
            for segment in segments {
                let part = parts.next()?;
                match segment {
                    Segment::Rest => return Some((*endpoint, params)),
                    Segment::Text(text) if text == part => {}
                    Segment::Text(_) => return None,
                    Segment::Param(_) if part.is_empty() => return None,
                    Segment::Param(name) => {
                        params.push((*name, auth_core::crypto::decode_component(part).into_owned()));
                    }
                }
            }
            parts.next().is_none().then_some((*endpoint, params))
        })
    }
}

fn same_shape(a: &[Segment], b: &[Segment]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Segment::Text(a), Segment::Text(b)) => a == b,
            (Segment::Param(_), Segment::Param(_)) | (Segment::Rest, Segment::Rest) => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_spelling_routes() {
        let mut router = Router::default();
        assert_eq!(router.insert(&Method::GET, "/ok", 0), Ok(()));
        assert_eq!(router.insert(&Method::GET, "/reset/:token", 1), Ok(()));
        assert_eq!(router.insert(&Method::GET, "/reset/:other", 2), Err(1));
        assert_eq!(router.insert(&Method::GET, "/ok", 3), Err(0));
        assert_eq!(router.insert(&Method::POST, "/ok", 4), Ok(()));
        assert_eq!(router.insert(&Method::GET, "/ask/*", 5), Ok(()));
        assert_eq!(router.insert(&Method::GET, "/ask/*", 6), Err(5));
        for path in ["/ask/", "/ask/a", "/ask/a//b/../%2e", "/ask//"] {
            assert_eq!(router.find(&Method::GET, path), Some((5, Vec::new())), "{path}");
        }
        assert_eq!(router.find(&Method::GET, "/ask"), None);
        for path in
            ["/ok/", "//ok", "/OK", "/ok/more", "ok", "", "/", "/ok%2f", "/reset", "/reset/", "/reset/a/b"]
        {
            assert_eq!(router.find(&Method::GET, path), None, "{path}");
        }
        assert_eq!(router.find(&Method::PUT, "/ok"), None);
        assert_eq!(router.find(&Method::GET, "/reset/a%20b"), Some((1, vec![("token", "a b".to_owned())])));
    }
}
