// Numbers that a thread reads and writes together: more of them are under way then.
template <class T>
struct alignas(4 * sizeof(T) < 16 ? 4 * sizeof(T) : 16) Four {
  T at[4];
};

template <class T>
MC_DEVICE Four<T> four(const T* from) {
  return *reinterpret_cast<const Four<T>*>(from);
}

template <class T>
MC_DEVICE void put_four(T* to, const Four<T>& numbers) {
  *reinterpret_cast<Four<T>*>(to) = numbers;
}
