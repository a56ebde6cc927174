//! What plugins share: a *service* has one provider, a *slot* takes contributions from many.
//!
//! Both are keyed by a trait. Two providers of one service are a problem at freeze; `wrap` puts a
//! plugin's implementation around the one that is there.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    sync::Arc,
};

/// An `Arc<dyn Trait>` in a box that only that trait's type id opens.
type Erased = Box<dyn Any + Send + Sync>;
type Wrap = Box<dyn FnOnce(Erased) -> Erased + Send>;

/// What plugins share, frozen: of [`Core::services`](crate::Core::services).
#[derive(Default)]
pub struct Services {
    provided: HashMap<TypeId, Erased>,
    slots: HashMap<TypeId, Vec<Erased>>,
}

impl Services {
    /// The service of a trait, if a plugin provides it.
    #[must_use]
    pub fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.provided.get(&TypeId::of::<T>())?.downcast_ref::<Arc<T>>().cloned()
    }

    /// All contributions to a slot, in plugin order.
    pub fn slot<T: ?Sized + Send + Sync + 'static>(&self) -> impl Iterator<Item = &Arc<T>> {
        self.slots.get(&TypeId::of::<T>()).into_iter().flatten().filter_map(|e| e.downcast_ref::<Arc<T>>())
    }
}

/// Services while plugins register.
#[derive(Default)]
pub struct ServicesBuilder {
    provided: Vec<(TypeId, &'static str, &'static str, Erased)>,
    wraps: Vec<(TypeId, &'static str, &'static str, Wrap)>,
    needs: Vec<(TypeId, String, &'static str)>,
    slots: HashMap<TypeId, Vec<Erased>>,
}

impl ServicesBuilder {
    pub(crate) fn provide<T: ?Sized + Send + Sync + 'static>(&mut self, by: &'static str, service: Arc<T>) {
        self.provided.push((TypeId::of::<T>(), type_name::<T>(), by, Box::new(service)));
    }

    pub(crate) fn contribute<T: ?Sized + Send + Sync + 'static>(&mut self, part: Arc<T>) {
        self.slots.entry(TypeId::of::<T>()).or_default().push(Box::new(part));
    }

    pub(crate) fn need<T: ?Sized + Send + Sync + 'static>(
        &mut self,
        by: &'static str,
        what_for: &str,
        missing: &'static str,
    ) {
        self.needs.push((TypeId::of::<T>(), format!("plugins.{by}.{what_for}"), missing));
    }

    pub(crate) fn wrap<T: ?Sized + Send + Sync + 'static>(
        &mut self,
        by: &'static str,
        wrap: impl FnOnce(Arc<T>) -> Arc<T> + Send + 'static,
    ) {
        let erased: Wrap = Box::new(move |inner| match inner.downcast::<Arc<T>>() {
            Ok(inner) => Box::new(wrap(*inner)),
            Err(other) => other,
        });
        self.wraps.push((TypeId::of::<T>(), type_name::<T>(), by, erased));
    }

    /// Wraps what is to be wrapped; says which services clash or are missing.
    #[must_use]
    pub fn freeze(self) -> (Services, Vec<crate::Problem>) {
        let mut problems = Vec::new();
        let mut provided: HashMap<TypeId, Erased> = HashMap::new();
        let mut providers: HashMap<TypeId, &'static str> = HashMap::new();
        for (key, name, by, service) in self.provided {
            if let Some(first) = providers.insert(key, by) {
                problems.push(crate::Problem::new(
                    format!("plugin {by}"),
                    format!("provides the service {name}, which {first} provides already; use wrap, or disable one"),
                ));
            }
            provided.insert(key, service);
        }
        for (key, name, by, wrap) in self.wraps {
            match provided.remove(&key) {
                Some(inner) => {
                    provided.insert(key, wrap(inner));
                }
                None => problems.push(crate::Problem::new(
                    format!("plugin {by}"),
                    format!("wraps the service {name}, which no enabled plugin provides"),
                )),
            }
        }
        for (key, what_for, missing) in self.needs {
            if !provided.contains_key(&key) {
                problems.push(crate::Problem::new(what_for, missing));
            }
        }
        (Services { provided, slots: self.slots }, problems)
    }
}
