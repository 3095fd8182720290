namespace Rqlite.Pg.Wire.Planning.Translated;

/// <summary>
/// Translations by the shapes of texts, shared by all sessions. A text and another that differs from it in literals alone have one shape. What was
/// not asked for while half of the memory was filled anew is forgotten, and all of it with a change of the schema.
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

    // The newest one for which there is a translation. Those for older ones would keep whole schemas.
    private long _schema;

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
            if (translation.Schema < _schema)
            {
                return;
            }

            if (translation.Schema > _schema)
            {
                _schema = translation.Schema;
                _young.Clear();
                _old.Clear();
                _bytes = 0;
            }

            // Two sessions may have met the shape at the same time; one that a session still holds may have translations for an older schema.
            if (!_young.TryGetValue(shape.Key, out var known))
            {
                Keep(known = new TextShape(shape.Key, shape.Tag, shape.ParameterCount));
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
