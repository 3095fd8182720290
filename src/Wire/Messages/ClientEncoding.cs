using System.Text;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>
/// The encoding of texts on the wire, client_encoding. SQL_ASCII stands for no conversion, so it is read and written as UTF-8 here, which is what
/// the database holds.
/// </summary>
internal abstract class ClientEncoding
{
    public static ClientEncoding Utf8 { get; } = new Utf8Encoding();

    public static ClientEncoding Latin1 { get; } = new Latin1Encoding();

    /// <summary>False if texts pass as the bytes that the database has.</summary>
    public abstract bool Converts { get; }

    /// <param name="setting">A checked value of client_encoding.</param>
    public static ClientEncoding Of(string setting) => setting == "LATIN1" ? Latin1 : Utf8;

    /// <exception cref="PgException">22021: the bytes are no text.</exception>
    public abstract string Read(ReadOnlySpan<byte> text);

    /// <summary>The bytes of a client's text in UTF-8. Whether they are a text is for their reader to check.</summary>
    public abstract ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> text);

    /// <summary>The number of bytes of a text.</summary>
    /// <exception cref="PgException">22P05: the encoding does not have one of the characters.</exception>
    public abstract int Count(string text);

    /// <summary>Writes a text that <see cref="Count"/> has counted, and returns the number of bytes.</summary>
    public abstract int Write(string text, Span<byte> output);

    /// <summary>Converts UTF-8 in place, and returns the number of bytes, which are no more than before.</summary>
    /// <exception cref="PgException">22P05: the encoding does not have one of the characters.</exception>
    public abstract int Convert(Span<byte> utf8);

    /// <summary>The text with question marks for the characters that the encoding does not have.</summary>
    public abstract string Clean(string text);

    private sealed class Utf8Encoding : ClientEncoding
    {
        public override bool Converts => false;

        public override string Read(ReadOnlySpan<byte> text)
        {
            MessageReader.RequireUtf8(text);
            return Encoding.UTF8.GetString(text);
        }

        public override ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> text) => text;

        public override int Count(string text) => Encoding.UTF8.GetByteCount(text);

        public override int Write(string text, Span<byte> output) => Encoding.UTF8.GetBytes(text, output);

        public override int Convert(Span<byte> utf8) => utf8.Length;

        public override string Clean(string text) => text;
    }

    private sealed class Latin1Encoding : ClientEncoding
    {
        public override bool Converts => true;

        public override string Read(ReadOnlySpan<byte> text) => Encoding.Latin1.GetString(text);

        public override ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> text) =>
            Ascii.IsValid(text.Span) ? text : Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(text.Span));

        public override int Count(string text)
        {
            var at = text.AsSpan().IndexOfAnyExceptInRange('\0', '\u00ff');
            return at < 0 ? text.Length : throw Missing(Rune.GetRuneAt(text, at));
        }

        public override int Write(string text, Span<byte> output) => Encoding.Latin1.GetBytes(text, output);

        public override int Convert(Span<byte> utf8)
        {
            if (Ascii.IsValid(utf8))
            {
                return utf8.Length;
            }

            var written = 0;
            for (var at = 0; at < utf8.Length;)
            {
                Rune.DecodeFromUtf8(utf8[at..], out var rune, out var length);
                utf8[written++] = rune.Value <= 0xff ? (byte)rune.Value : throw Missing(rune);
                at += length;
            }

            return written;
        }

        public override string Clean(string text) => text.AsSpan().IndexOfAnyExceptInRange('\0', '\u00ff') < 0
            ? text
            : string.Concat(text.EnumerateRunes().Select(static rune => rune.Value <= 0xff ? rune.ToString() : "?"));

        private static PgException Missing(Rune rune)
        {
            Span<byte> bytes = stackalloc byte[4];
            var shown = string.Join(' ', bytes[..rune.EncodeToUtf8(bytes)].ToArray().Select(static b => $"0x{b:x2}"));
            return new PgException(
                SqlState.UntranslatableCharacter,
                $"character with byte sequence {shown} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"");
        }
    }
}
