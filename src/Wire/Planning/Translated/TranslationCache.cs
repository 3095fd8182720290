namespace Rqlite.Pg.Wire.Planning.Translated;

/// <summary>
/// Translations by the shapes of texts, shared by all sessions. A text and another that differs from it in literals alone have one shape. What was
/// not asked for while half of the memory was filled anew is forgotten.
/// </summary>
internal sealed class TranslationCache
{
    /// <summary>The longest text that is kept, in UTF-16 units: longer ones are rarely sent twice.</summary>
    public const int LengthMax = 8192;

    /// <summary>The most literals of a text that is kept.</summary>
    public const int LiteralsMax = 64;

    private const long BytesMax = 32L << 20;

    private readonly Lock _gate = new();
    private Dictionary<string, TextShape> _young = new(StringComparer.Ordinal);
    private Dictionary<string, TextShape> _old = new(StringComparer.Ordinal);
    private long _bytes;

    public TextShape? Find(string key)
    {
        lock (_gate)
        {
            if (_young.TryGetValue(key, out var found))
            {
                return found;
            }

            if (_old.TryGetValue(key, out found))
            {
                Keep(found);
            }

            return found;
        }
    }

    /// <summary>Keeps a translation of a text of the shape.</summary>
    public void Add(TextShape shape, CachedTranslation translation)
    {
        lock (_gate)
        {
            // Two sessions may have met the shape at the same time.
            if (!_young.TryGetValue(shape.Key, out var known))
            {
                Keep(known = shape);
            }

            _bytes += known.Add(translation);
            if (_bytes > BytesMax / 2)
            {
                (_old, _young, _bytes) = (_young, new(StringComparer.Ordinal), 0);
            }
        }
    }

    private void Keep(TextShape shape)
    {
        _young[shape.Key] = shape;
        _bytes += shape.Bytes;
    }
}
