namespace Rqlite.Pg.Types.Values;

/// <summary>Reads an array's text, one character after the other; the state says what may come next.</summary>
internal ref struct ArrayReader(ReadOnlySpan<byte> text, byte delimiter)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly byte[] _element = new byte[text.Length];
    private readonly List<byte[]?> _elements = [];
    private State _state;
    private int _depth;
    private int _dimensions;
    private int _length;
    private int _kept;
    private int _at;
    private bool _escaped;

    private enum State
    {
        Start,
        LevelStarted,
        Element,
        QuotedElement,
        QuotedElementEnded,
        ElementDelimited,
        LevelEnded,
        LevelDelimited,
    }

    public ArrayParts Read()
    {
        var rest = _text.TrimStart(AsciiText.Space);
        var declared = ArrayText.ParseBounds(_text, ref rest);
        if (rest.IsEmpty || rest[0] != '{')
        {
            throw ArrayText.Malformed(
                _text, declared.Length > 0 ? "Array contents must start with \"{\"." : "Array value must start with \"{\" or dimension information.");
        }

        _at = _text.Length - rest.Length;
        var counts = new int[ArrayText.DimensionsMax];
        var sizes = new int[ArrayText.DimensionsMax];
        Array.Fill(counts, 1);
        Array.Fill(sizes, -1);
        do
        {
            Step(counts, sizes);
        }
        while (_depth > 0);

        if (!AsciiText.Trim(_text[_at..]).IsEmpty)
        {
            throw ArrayText.Malformed(_text, "Junk after closing right brace.");
        }

        var found = _elements.Count == 0 ? [] : sizes[.._dimensions];
        return declared.Length > 0 && !declared.AsSpan().SequenceEqual(found)
            ? throw ArrayText.Malformed(_text, "Specified array dimensions do not match array contents.")
            : new ArrayParts(found, _elements);
    }

    private void Step(int[] counts, int[] sizes)
    {
        if (_at >= _text.Length)
        {
            throw ArrayText.Malformed(_text, "Unexpected end of input.");
        }

        var c = _text[_at++];
        if (_state == State.QuotedElement && c is not ((byte)'\\' or (byte)'"'))
        {
            _element[_length++] = c;
            return;
        }

        switch (c)
        {
            case (byte)'\\':
                Require(State.LevelStarted, State.Element, State.QuotedElement, State.ElementDelimited, c);
                _state = _state == State.QuotedElement ? _state : State.Element;
                if (_at >= _text.Length)
                {
                    throw ArrayText.Malformed(_text, "Unexpected end of input.");
                }

                _element[_length++] = _text[_at++];
                _escaped = true;
                _kept = _length;
                break;
            case (byte)'"':
                if (_state is not (State.LevelStarted or State.QuotedElement or State.ElementDelimited))
                {
                    throw ArrayText.Malformed(_text, "Unexpected array element.");
                }

                _state = _state == State.QuotedElement ? State.QuotedElementEnded : State.QuotedElement;
                break;
            case (byte)'{':
                Open();
                break;
            case (byte)'}':
                Close(counts, sizes);
                break;
            default:
                ReadOther(c, counts);
                break;
        }
    }

    private void ReadOther(byte c, int[] counts)
    {
        if (c == delimiter)
        {
            Require(State.Element, State.QuotedElementEnded, State.LevelEnded, State.LevelEnded, c);
            EndElement();
            counts[_depth - 1]++;
            _state = _state == State.LevelEnded ? State.LevelDelimited : State.ElementDelimited;
        }
        else if (AsciiText.IsSpace(c))
        {
            // Blanks count within an element, not around it.
            if (_state == State.Element)
            {
                _element[_length++] = c;
            }
        }
        else if (_state is State.LevelStarted or State.Element or State.ElementDelimited)
        {
            _state = State.Element;
            _element[_length++] = c;
            _kept = _length;
        }
        else
        {
            throw ArrayText.Malformed(_text, "Unexpected array element.");
        }
    }

    private void Open()
    {
        Require(State.Start, State.LevelStarted, State.LevelDelimited, State.LevelDelimited, (byte)'{');
        _state = State.LevelStarted;
        if (_depth == ArrayText.DimensionsMax)
        {
            throw ArrayText.TooMany(_depth + 1);
        }

        _depth++;
        _dimensions = Math.Max(_dimensions, _depth);
    }

    private void Close(int[] counts, int[] sizes)
    {
        if (!(_depth == 1 && _state == State.LevelStarted && _dimensions == 1))
        {
            Require(State.Element, State.QuotedElementEnded, State.LevelEnded, State.LevelEnded, (byte)'}');
        }

        EndElement();
        _depth--;
        if (sizes[_depth] >= 0 && sizes[_depth] != counts[_depth])
        {
            throw ArrayText.Malformed(_text, "Multidimensional arrays must have sub-arrays with matching dimensions.");
        }

        sizes[_depth] = counts[_depth];
        counts[_depth] = 1;
        _state = State.LevelEnded;
    }

    private void EndElement()
    {
        if (_state == State.Element)
        {
            var unquoted = _element.AsSpan(0, _kept);
            _elements.Add(!_escaped && AsciiText.EqualsIgnoreCase(unquoted, "null"u8) ? null : unquoted.ToArray());
        }
        else if (_state == State.QuotedElementEnded)
        {
            _elements.Add(_element.AsSpan(0, _length).ToArray());
        }

        (_length, _kept, _escaped) = (0, 0, false);
    }

    private readonly void Require(State a, State b, State c, State d, byte character)
    {
        if (_state != a && _state != b && _state != c && _state != d)
        {
            throw ArrayText.Malformed(_text, $"Unexpected \"{(char)character}\" character.");
        }
    }
}
