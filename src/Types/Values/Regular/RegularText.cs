using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>A text as the classes of its characters, and the steps that matching it may take.</summary>
internal sealed class RegularText(CharacterMap map)
{
    // About two seconds. The count is the same on every machine, a time would not be.
    private const long StepsMax = 500_000_000;
    private const int KeptMax = 1 << 16;

    private readonly CharacterMap _map = map;
    private ushort[] _classes = [];
    private int[] _offsets = [];
    private bool _ascii;
    private long _steps;

    /// <summary>The number of characters.</summary>
    public int Length { get; private set; }

    public ushort this[int at] => _classes[at];

    public void Load(ReadOnlySpan<byte> utf8)
    {
        _steps = 0;
        _ascii = Ascii.IsValid(utf8);
        if (_classes.Length < utf8.Length || _classes.Length > Math.Max(KeptMax, utf8.Length * 4))
        {
            _classes = new ushort[Math.Max(64, utf8.Length)];
            _offsets = [];
        }

        Length = 0;
        if (_ascii)
        {
            foreach (var b in utf8)
            {
                _classes[Length++] = _map.ClassOf(b);
            }

            return;
        }

        _offsets = _offsets.Length > utf8.Length ? _offsets : new int[utf8.Length + 1];
        for (var at = 0; at < utf8.Length; Length++)
        {
            // A byte that belongs to no UTF-8 character counts as one.
            var valid = Rune.DecodeFromUtf8(utf8[at..], out var rune, out var length) == OperationStatus.Done;
            _classes[Length] = _map.ClassOf(rune.Value);
            _offsets[Length] = at;
            at += valid ? length : 1;
        }

        _offsets[Length] = utf8.Length;
    }

    /// <summary>The place of a character in bytes.</summary>
    public int Offset(int character) => _ascii ? character : _offsets[character];

    /// <summary>The place of the character that begins at a byte.</summary>
    public int CharacterAt(int offset) => _ascii ? offset : Array.BinarySearch(_offsets, 0, Length + 1, offset);

    public Neighbour Before(int at) => at == 0 ? Neighbour.Nothing : _map.NeighbourOf(_classes[at - 1]);

    /// <exception cref="TypeException">54000: the match takes too many steps.</exception>
    public void Count(long steps)
    {
        _steps += steps;
        if (_steps > StepsMax)
        {
            throw RegularErrors.TooLong();
        }
    }
}
