"""Structs that ops take as one argument, with SameDiff's names."""

from .conditions import Condition as Condition
from .conditions import Conditions as Conditions
from .convolution import Conv1DConfig as Conv1DConfig
from .convolution import Conv2DConfig as Conv2DConfig
from .convolution import Conv3DConfig as Conv3DConfig
from .convolution import DataFormat as DataFormat
from .convolution import DeConv2DConfig as DeConv2DConfig
from .convolution import DeConv3DConfig as DeConv3DConfig
from .convolution import LocalResponseNormalizationConfig as LocalResponseNormalizationConfig
from .convolution import PaddingMode as PaddingMode
from .convolution import WeightsFormat as WeightsFormat
from .indices import SDIndex as SDIndex
from .pooling import Divisor as Divisor
from .pooling import Pooling2DConfig as Pooling2DConfig
from .pooling import Pooling2DType as Pooling2DType
from .pooling import Pooling3DConfig as Pooling3DConfig
from .pooling import Pooling3DType as Pooling3DType
from .products import MMulTranspose as MMulTranspose
from .variables import VariableType as VariableType
