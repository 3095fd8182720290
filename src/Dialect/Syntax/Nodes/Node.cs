using System.Collections;
using System.Runtime.CompilerServices;

namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>A node of the syntax tree. Two nodes are equal if they say the same, wherever they stand.</summary>
public abstract record Node(Location Location);

/// <summary>
/// The offset of a node in the text, in UTF-16 units from 0; -1 where there is none. All locations are equal, so that trees are compared
/// by what they say.
/// </summary>
public readonly struct Location(int offset) : IEquatable<Location>
{
    public static readonly Location None = new(-1);

    public int Offset { get; } = offset;

    public static bool operator ==(Location left, Location right) => true;

    public static bool operator !=(Location left, Location right) => false;

    public bool Equals(Location other) => true;

    public override bool Equals(object? obj) => obj is Location;

    public override int GetHashCode() => 0;

    public override string ToString() => $"@{Offset}";
}

/// <summary>
/// The part of the text that a statement takes: from the end of the statement before it to its own semicolon, which is not part of
/// it.
/// </summary>
public readonly struct Extent(int start, int length) : IEquatable<Extent>
{
    public int Start { get; } = start;

    public int Length { get; } = length;

    public static bool operator ==(Extent left, Extent right) => true;

    public static bool operator !=(Extent left, Extent right) => false;

    public bool Equals(Extent other) => true;

    public override bool Equals(object? obj) => obj is Extent;

    public override int GetHashCode() => 0;

    public override string ToString() => $"{Start}+{Length}";
}

/// <summary>A list of nodes or names that never changes and is compared by its items.</summary>
[CollectionBuilder(typeof(NodeList), nameof(NodeList.Create))]
public sealed class NodeList<T> : IReadOnlyList<T>, IEquatable<NodeList<T>>
{
    public static readonly NodeList<T> Empty = new([]);

    private readonly T[] _items;

    internal NodeList(T[] items) => _items = items;

    public int Count => _items.Length;

    public T this[int index] => _items[index];

    public ReadOnlySpan<T> Span => _items;

    public bool Equals(NodeList<T>? other)
    {
        if (other is null || other._items.Length != _items.Length)
        {
            return false;
        }

        for (var i = 0; i < _items.Length; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(_items[i], other._items[i]))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as NodeList<T>);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", _items)}]";
}

public static class NodeList
{
    public static NodeList<T> Create<T>(ReadOnlySpan<T> items) => items.Length == 0 ? NodeList<T>.Empty : new NodeList<T>(items.ToArray());
}
