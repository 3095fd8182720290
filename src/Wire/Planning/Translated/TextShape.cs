using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Planning.Translated;

/// <summary>The shape of texts of one statement that differ in their literals alone, with the translations of some of them.</summary>
/// <param name="key">The text with the classes of its literals in their place (<see cref="Dialect.Syntax.LiteralTokens.Shape"/>).</param>
/// <param name="tag">CommandComplete's tag, without a count.</param>
/// <param name="parameterCount">The highest n of <c>$n</c>.</param>
internal sealed class TextShape(string key, string tag, int parameterCount)
{
    // Sessions of other users, other types of parameters, and literals on which the translation depends.
    private const int VariantsMax = 8;

    // Replaced as a whole, so it is read without a lock.
    private CachedTranslation[] _variants = [];

    public string Key => key;

    public string Tag => tag;

    public int ParameterCount => parameterCount;

    public long Bytes => 256 + (2L * key.Length) + Volatile.Read(ref _variants).Sum(static variant => variant.Bytes);

    /// <summary>The translation of a text of this shape; null if none is kept that serves for it.</summary>
    public TranslatedStatement? Find(ShapedPart part, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        foreach (var variant in Volatile.Read(ref _variants))
        {
            if (variant.Serves(part, context, declared))
            {
                return variant.For(part, context.Schema);
            }
        }

        return null;
    }

    /// <summary>Keeps a translation in place of one that is no longer valid or of the oldest. Not from several threads at once.</summary>
    /// <returns>The bytes that it takes.</returns>
    public long Add(CachedTranslation translation)
    {
        var kept = _variants.Where(variant => !translation.Replaces(variant)).Take(VariantsMax - 1);
        Volatile.Write(ref _variants, [translation, .. kept]);
        return translation.Bytes;
    }
}
