using System.Buffers;
using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Reads a value that is not NULL as a type, and writes it in <see cref="ParameterEncoding"/> as the database stores it.</summary>
/// <exception cref="TypeException">The bytes are no value of the type.</exception>
internal delegate void ParameterReader(IBufferWriter<byte> output, ReadOnlySpan<byte> data, bool binary, uint type, FormatSettings settings);

/// <summary>
/// The values of a statement's parameters as the database stores them, from which each step takes its own. All are read at once as their
/// announced types, so that errors come in the order of the parameters.
/// </summary>
internal sealed class EncodedParameters
{
    private readonly ParameterValue[] _values;
    private readonly uint[] _types;
    private readonly ParameterReader _reader;
    private readonly FormatSettings _settings;
    private readonly string? _portal;
    private readonly (int Start, int Length)[] _slices;
    private readonly ArrayBufferWriter<byte> _encoded;

    /// <param name="types">The announced types, one for each value.</param>
    /// <param name="portal">The portal that an error names; null for none.</param>
    public EncodedParameters(ParameterValue[] values, uint[] types, ParameterReader reader, FormatSettings settings, string? portal)
    {
        (_values, _types, _reader, _settings, _portal) = (values, types, reader, settings, portal);
        var bytes = 0;
        foreach (var value in values)
        {
            // Beside the data: a byte for the storage class, and a length.
            bytes += 5 + (value.Data?.Length ?? 0);
        }

        _slices = new (int Start, int Length)[values.Length];
        _encoded = new ArrayBufferWriter<byte>(Math.Max(bytes, 16));
        for (var i = 0; i < values.Length; i++)
        {
            var start = _encoded.WrittenCount;
            Write(_encoded, i, types[i]);
            _slices[i] = (start, _encoded.WrittenCount - start);
        }
    }

    /// <summary>The values of a statement without parameters.</summary>
    public static EncodedParameters None { get; } = new([], [], static (_, _, _, _, _) => { }, FormatSettings.Default, null);

    /// <summary>The parameters of a step.</summary>
    /// <param name="moment">The value of <see cref="StepValue.IsMoment"/>.</param>
    public ReadOnlyMemory<byte> Arrange(StepValue[] order, long moment)
    {
        if (IsStraight(order))
        {
            return _encoded.WrittenMemory;
        }

        var arranged = new ArrayBufferWriter<byte>(Math.Max(_encoded.WrittenCount, 16));
        foreach (var value in order)
        {
            if (!value.Constant.IsEmpty)
            {
                arranged.Write(value.Constant.Span);
            }
            else if (value.IsMoment)
            {
                ParameterEncoding.WriteInteger(arranged, moment);
            }
            else if ((uint)value.Parameter >= (uint)_slices.Length)
            {
                ParameterEncoding.WriteNull(arranged);
            }
            else if (IsAnnounced(value))
            {
                arranged.Write(Slice(value.Parameter));
            }
            else
            {
                Write(arranged, value.Parameter, value.Type);
            }
        }

        return arranged.WrittenMemory;
    }

    /// <summary>The parameters by their names.</summary>
    public ReadOnlyMemory<byte> Name()
    {
        var named = new ArrayBufferWriter<byte>();
        for (var i = 0; i < _slices.Length; i++)
        {
            var name = (i + 1).ToString(CultureInfo.InvariantCulture);
            var value = new ParameterEncoding.Reader(Slice(i));
            value.Read();
            switch (value.Value.Class)
            {
                case StorageClass.Integer:
                    ParameterEncoding.WriteInteger(named, value.Value.Integer, name);
                    break;
                case StorageClass.Real:
                    ParameterEncoding.WriteReal(named, value.Value.Real, name);
                    break;
                case StorageClass.Text:
                    ParameterEncoding.WriteText(named, value.Value.Bytes, name);
                    break;
                case StorageClass.Blob:
                    ParameterEncoding.WriteBlob(named, value.Value.Bytes, name);
                    break;
                default:
                    ParameterEncoding.WriteNull(named, name);
                    break;
            }
        }

        return named.WrittenMemory;
    }

    private bool IsStraight(StepValue[] order)
    {
        if (order.Length != _slices.Length)
        {
            return false;
        }

        for (var i = 0; i < order.Length; i++)
        {
            if (order[i].Parameter != i || !order[i].Constant.IsEmpty || !IsAnnounced(order[i]))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsAnnounced(in StepValue value) => value.Type == 0 || value.Type == _types[value.Parameter];

    private ReadOnlySpan<byte> Slice(int index) => _encoded.WrittenSpan.Slice(_slices[index].Start, _slices[index].Length);

    private void Write(ArrayBufferWriter<byte> output, int index, uint type)
    {
        if (_values[index].Data is not { } data)
        {
            ParameterEncoding.WriteNull(output);
            return;
        }

        try
        {
            _reader(output, data.Span, _values[index].Binary, type, _settings);
        }
        catch (TypeException exception) when (_portal is not null)
        {
            throw new PgException(ErrorMapping.From(exception)! with { Where = ParameterDecoder.Context(_portal, index + 1) });
        }
    }
}
